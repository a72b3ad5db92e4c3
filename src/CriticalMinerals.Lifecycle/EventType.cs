using System.Collections.Frozen;
using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>Where in a chain an event may stand.</summary>
public enum Standing
{
    /// <summary>It is the chain's first entry and only that.</summary>
    Opens,

    /// <summary>It follows other entries.</summary>
    Continues,

    /// <summary>It may do both.</summary>
    Either,
}

/// <summary>An event of a battery that gives something on: the battery itself, parts of it, what was won from it.</summary>
public interface IGivesOfABattery;

/// <summary>One line of the catalog: a wire name, its record, the chains it stands on, who may say it, whether it takes things.</summary>
public sealed class EventType
{
    private readonly FrozenDictionary<string, EventClaim> _byName;

    internal EventType(string name, Type record, Standing standing, IReadOnlyList<ChainKind> chains, IReadOnlyList<LinePurpose> accepts, IReadOnlyList<Right> rights)
    {
        Name = name;
        Record = record;
        Standing = standing;
        Chains = chains;
        Accepts = accepts;
        Rights = rights;
        Claims = [.. record.GetProperties()
            .Select(p => (Property: p, Claim: p.GetCustomAttribute<ClaimAttribute>()))
            .Where(p => p.Claim is not null)
            .Select(p => new EventClaim(p.Property, p.Claim!))];
        _byName = Claims.ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);
    }

    /// <summary>Wire name, <c>battery-manufactured.v1</c>.</summary>
    public string Name { get; }

    /// <summary>The record that is the source of its schema.</summary>
    public Type Record { get; }

    /// <summary>What happened, in one sentence for readers of the schema.</summary>
    public string Description => Record.GetCustomAttribute<DescriptionAttribute>()?.Description
        ?? throw new InvalidOperationException($"{Record.Name} has no [Description].");

    /// <summary>First entry, later entry, or either.</summary>
    public Standing Standing { get; }

    /// <summary>The kinds of chain it stands on; for an opening event the one kind it opens.</summary>
    public IReadOnlyList<ChainKind> Chains { get; }

    /// <summary>Whether it may redeem lines that others gave.</summary>
    public bool Takes => Accepts.Count > 0;

    /// <summary>What the lines it takes may have been given for; empty when it takes none.</summary>
    public IReadOnlyList<LinePurpose> Accepts { get; }

    /// <summary>Whether it may give lines: it stands on a chain that holds a quantity, or gives something of a battery.</summary>
    public bool Gives => Chains.Any(c => c is ChainKind.Lot or ChainKind.Component or ChainKind.Consignment) || Record.IsAssignableTo(typeof(IGivesOfABattery));

    /// <summary>Every way to be allowed to say it.</summary>
    public IReadOnlyList<Right> Rights { get; }

    /// <summary>Its data, property by property.</summary>
    public IReadOnlyList<EventClaim> Claims { get; }

    /// <summary>Whether a delegate may sign it for a principal: what operators say on things, never keys, roles or grants.</summary>
    public bool MayBeDelegated => !Chains.Any(c => c is ChainKind.Log or ChainKind.Operator or ChainKind.Grants) || Chains.Any(c => c is ChainKind.Lot);

    /// <summary>The property of that wire name.</summary>
    public EventClaim? Claim(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The event whose properties an entry states: its own, and of a correction those of the event corrected.</summary>
    public static EventType? Stated(Entry entry) => EventCatalog.Find(entry.Event) is not { } type ? null
        : type.Record != typeof(Corrected) ? type
        : entry.Data.TryGetProperty("event", out var name) && name.ValueKind == JsonValueKind.String ? EventCatalog.Find(name.GetString()!) : null;

    /// <summary>The access class of a disclosure; null for one of no property known here, which nobody but its signer sees.</summary>
    public static AccessClass? ClassOf(SignedEntry signed, Disclosure disclosure) =>
        SignedEntry.IsLineMember(disclosure.Name) ? AccessClass.C : Stated(signed.Entry)?.Claim(disclosure.Name)?.Claim.Access;

    /// <summary>Whether a disclosure may be forgotten; null for one of no property known here.</summary>
    public static bool? IsErasable(SignedEntry signed, Disclosure disclosure) =>
        SignedEntry.IsLineMember(disclosure.Name) ? false : Stated(signed.Entry)?.Claim(disclosure.Name) is { } claim ? claim.Claim.Kind == ClaimKind.Erasable : null;

    /// <summary>Reads the event's data from an entry and the disclosures at hand; what is withheld stays null.</summary>
    internal LifecycleEvent? Read(SignedEntry signed, out Refusal? refusal)
    {
        var happened = (LifecycleEvent)Activator.CreateInstance(Record)!;
        var corrected = happened as Corrected;
        EventType? target = null;
        if (corrected is not null && (target = Corrected.TargetOf(signed, out refusal)) is null)
        {
            refusal ??= new Refusal(RefusalCode.DataInvalid, "event names what is corrected.");
            return null;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value, disclosed) in Members(signed))
        {
            var claim = Claim(name);
            var owner = claim is null && target is not null ? target.Claim(name) : claim;
            if (owner is null)
            {
                refusal = new Refusal(RefusalCode.DataInvalid, $"{Name} has no property {StrictText.Printable(name)}. Its schema is schemas/events/{Name}.schema.json.");
                return null;
            }

            if ((refusal = owner.CheckPlace(disclosed)) is not null || !owner.TryRead(value, out var content, out refusal))
            {
                return null;
            }

            seen.Add(name);
            if (claim is not null)
            {
                claim.Property.SetValue(happened, content);
            }
            else if ((refusal = corrected!.Replace(owner, content!)) is not null)
            {
                return null;
            }
        }

        var missing = Claims.FirstOrDefault(c => !seen.Contains(c.Name) && (c.IsRequiredInClear || (c.Claim.Required && signed.Withheld == 0)));
        refusal = missing is null ? null : new Refusal(RefusalCode.DataInvalid, $"{Name} needs {missing.Name}: {missing.Claim.Description}");
        return refusal is null ? happened : null;
    }

    private static IEnumerable<(string Name, JsonElement Value, bool Disclosed)> Members(SignedEntry signed)
    {
        foreach (var member in signed.Entry.Data.EnumerateObject())
        {
            if (member.Name is not ("_sd" or "out" or "in" or "ref" or "for"))
            {
                yield return (member.Name, member.Value, false);
            }
        }

        foreach (var disclosure in signed.Disclosures)
        {
            if (!SignedEntry.IsLineMember(disclosure.Name))
            {
                yield return (disclosure.Name, disclosure.Value, true);
            }
        }
    }
}
