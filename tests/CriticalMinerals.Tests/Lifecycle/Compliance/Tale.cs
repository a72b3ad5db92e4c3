using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Compliance;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Tests.Lifecycle.Compliance;

/// <summary>A <see cref="World"/> in which things happen on days: every entry of a tale was admitted by the rules that refuse.</summary>
internal sealed class Tale
{
    private readonly World _world = World.Opened();
    private readonly Dictionary<Digest, DateTimeOffset> _recorded = [];

    public IReadOnlyList<SignedEntry> Log => _world.Log;

    public Party Maker => _world.An(Role.BatteryMaker);

    public Party An(Role role) => _world.An(role);

    public World World => _world;

    /// <summary>Noon of a day, UTC.</summary>
    public static DateTimeOffset Day(string day) => DateTimeOffset.Parse(day + "T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Something that happened on a day, was signed an hour later and recorded a minute after that, unless said otherwise.</summary>
    public SignedEntry Say(
        Party by, string evt, string subject, string day, JsonObject? clear = null, JsonObject? hidden = null, DateTimeOffset? occurred = null, DateTimeOffset? issued = null, DateTimeOffset? recorded = null)
    {
        var chain = _world.State.Chain(subject);
        var at = occurred ?? Day(day);
        var signed = new EntryDraft
        {
            Origin = World.Origin,
            KeyId = by.KeyId,
            Subject = subject,
            Sequence = chain is null ? 0 : chain.Sequence + 1,
            Previous = chain?.Head ?? Digest.Zero,
            Event = evt,
            Id = Guid.NewGuid().ToString(),
            IssuedAt = issued ?? at.AddHours(1),
            OccurredAt = at,
            Clear = clear ?? [],
            Disclosures = [.. (hidden ?? []).Select(p => Disclosure.Create(p.Key, p.Value))],
        }.Sign(by.Key);
        _world.Admit(signed);
        _recorded[signed.Entry.LeafHash] = recorded ?? (issued ?? at.AddHours(1)).AddMinutes(1);
        return signed;
    }

    public SignedEntry Model(string chemistry = "NMC 811", string category = "ev", string day = "2026-01-10", Party? by = null) => Say(by ?? Maker, "model-declared.v1", World.Uuid(), day, new JsonObject
    {
        ["model"] = "EV-82", ["manufacturer"] = "Example", ["category"] = category, ["plant"] = Germany, ["chemistry"] = chemistry,
        ["mass"] = "450", ["ratedCapacity"] = "200", ["nominalVoltage"] = "400",
    });

    public SignedEntry Battery(SignedEntry? model = null, string day = "2026-11-02", string month = "2026-11", JsonArray? aliases = null, JsonObject? taken = null)
    {
        var clear = new JsonObject { ["manufacturedOn"] = month, ["ref"] = World.References(model ?? Model()) };
        if (aliases is not null)
        {
            clear["aliases"] = aliases;
        }

        if (taken is null)
        {
            clear["source"] = "declared";
        }
        else
        {
            clear["in"] = new JsonArray(taken);
        }

        return Say(Maker, "battery-manufactured.v1", World.Uuid(), day, clear);
    }

    public SignedEntry Placed(SignedEntry battery, string day = "2026-12-01") => Say(Maker, "battery-placed-on-market.v1", battery.Entry.Subject, day, new JsonObject { ["market"] = "DE" });

    /// <summary>A battery that was made, placed on the market and put into service in a vehicle.</summary>
    public SignedEntry BatteryInService(string? vehicle = null)
    {
        var battery = Battery();
        Placed(battery);
        Say(
            Maker, "put-into-service.v1", battery.Entry.Subject, "", new JsonObject { ["application"] = "vehicle" }, vehicle is null ? null : new JsonObject { ["vehicle"] = vehicle },
            new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return battery;
    }

    public SignedEntry Measured(SignedEntry battery, string day, params (string Name, JsonNode Value)[] values) =>
        Say(Maker, "health-measured.v1", battery.Entry.Subject, day, null, new JsonObject(values.Select(v => KeyValuePair.Create(v.Name, (JsonNode?)v.Value))));

    public SignedEntry Corrected(SignedEntry wrong, string day, JsonObject? clear = null, JsonObject? hidden = null, Party? by = null)
    {
        var data = clear ?? [];
        data["event"] = wrong.Entry.Event;
        data["reason"] = "A typing mistake.";
        data["ref"] = World.References(wrong);
        return Say(by ?? Maker, "corrected.v1", wrong.Entry.Subject, day, data, hidden);
    }

    /// <summary>A line given by an entry, and what its receiver puts into <c>in</c>.</summary>
    public (JsonArray Out, Func<SignedEntry, JsonObject> Take) Gives(string to, Party receiver)
    {
        var opening = Commitment.NewOpening();
        return (new JsonArray(Commitment.To(to, receiver.Did, opening).ToString()), giving => new JsonObject { ["h"] = giving.Entry.LeafHash.ToString(), ["i"] = 0, ["s"] = opening });
    }

    public FindingSource Source(
        Func<SignedEntry, SignedEntry>? shown = null,
        string asOf = "2030-01-01",
        IReadOnlyDictionary<string, IReadOnlyList<string>>? upstream = null,
        IReadOnlyDictionary<string, IReadOnlyList<ComputedShare>>? shares = null,
        IReadOnlyDictionary<string, InputCustody>? custody = null)
    {
        var chains = Log.Select((s, i) => new RecordedEntry(i, shown is null ? s : shown(s), _recorded.GetValueOrDefault(s.Entry.LeafHash, Day("2026-11-23"))))
            .GroupBy(r => r.Signed.Entry.Subject).ToDictionary(g => g.Key, g => (IReadOnlyList<RecordedEntry>)[.. g]);
        bool IsThing(string name) => _world.State.Chain(name) is ModelState or StockState or BatteryState;
        return new FindingSource
        {
            Chains = chains.Where(c => IsThing(c.Key)).ToDictionary(),
            Operators = chains.Where(c => !IsThing(c.Key)).ToDictionary(c => c.Key == World.LogChain ? World.LogDid : c.Key, c => c.Value),
            AsOf = Day(asOf),
            Upstream = upstream ?? new Dictionary<string, IReadOnlyList<string>>(),
            Shares = shares ?? new Dictionary<string, IReadOnlyList<ComputedShare>>(),
            Custody = custody ?? new Dictionary<string, InputCustody>(),
        };
    }

    public static SignedEntry Withheld(SignedEntry signed) => signed.WithoutDisclosures();

    public static RuleResult Ask(string rule, FindingSource source) => RuleBook.Judge(source).Single(r => r.Rule.Code == rule);

    public Finding Finds(string rule, FindingSource? source = null) => Assert.Single(Ask(rule, source ?? Source()).Findings);

    /// <summary>Nothing is wrong, and nothing is unknown.</summary>
    public void IsSound(string rule, FindingSource? source = null)
    {
        var result = Ask(rule, source ?? Source());
        Assert.True(result.Findings.Count == 0, string.Join('\n', result.Findings.Select(f => f.Sentence)));
        Assert.Equal(0, result.CannotTell);
    }

    /// <summary>Nothing is found with all disclosures withheld, and that is said.</summary>
    public void CannotTell(string rule, int count, FindingSource? source = null)
    {
        var result = Ask(rule, source ?? Source(Withheld));
        Assert.Empty(result.Findings);
        Assert.Equal(count, result.CannotTell);
    }

    public static string Figures(Finding finding) => string.Join("; ", finding.Figures);

    public static JsonObject Germany => new() { ["country"] = "DE" };
}
