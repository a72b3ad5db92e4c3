using System.Globalization;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Benchmarks;

/// <summary>
/// A log as a folder of public files, signed for the purpose: firms, and campaigns in which a mined lot becomes a refined one, cells and ten batteries, each of
/// which lives through twelve events; an entry has 1 KB, all together. Nothing is decided while it is made; the audit does that.
/// </summary>
internal sealed class AuditedLog : IDisposable
{
    internal const string Origin = "localhost/audited";
    private const int Batteries = 10;
    private const int Together = 64;

    // As wordy as people are: an entry has 1 KB, all events together.
    private const string Method =
        "Battery management system: charge counted between two rests of three hours, open-circuit voltages compared with the curve of the cell type, corrected to 25 degrees Celsius as the data sheet says";

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, SigningKey> _keys = new(StringComparer.Ordinal);
    private readonly SigningKey _logKey = SigningKey.Generate();
    private readonly string _folder;
    private readonly List<ReadOnlyMemory<byte>> _bundle = [];
    private readonly List<IReadOnlyList<Disclosure>> _disclosures = [];
    private readonly bool _withDisclosures;
    private OpenTiles _tiles = OpenTiles.Empty;

    private AuditedLog(string folder, bool withDisclosures) => (_folder, _withDisclosures) = (folder, withDisclosures);

    /// <summary>The key that its checkpoint is signed with.</summary>
    internal NoteVerifier VerifierKey => new(Origin, _logKey.VerifyingKey);

    /// <summary>Bytes of all leaves.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Entries.</summary>
    internal ulong Size => _tiles.Size + (ulong)_bundle.Count;

    /// <summary>Chains.</summary>
    internal long Chains { get; private set; }

    /// <summary>Keys by their full name.</summary>
    internal IReadOnlyDictionary<string, SigningKey> Keys => _keys;

    /// <summary>Writes a log of at least so many entries.</summary>
    internal static AuditedLog Write(string folder, long entries, bool withDisclosures)
    {
        var log = new AuditedLog(folder, withDisclosures);
        log.Open();
        for (var campaign = 0; log.Size < (ulong)entries; campaign += Together)
        {
            var signed = new List<SignedEntry>[Together];
            Parallel.For(0, Together, i => signed[i] = log.Campaign(campaign + i));
            foreach (var entry in signed.SelectMany(s => s).TakeWhile(_ => log.Size < (ulong)entries))
            {
                log.Add(entry);
            }
        }

        log.Close();
        return log;
    }

    public void Dispose()
    {
        _logKey.Dispose();
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    private void Open()
    {
        var authority = Names.LogOperator(Origin) + "#authority";
        KeyDeclaration Declare(string keyId, KeyUse use) => KeyDeclaration.Of(_keys[keyId] = SigningKey.Generate(), Origin, keyId, use);
        var did = Names.LogOperator(Origin);
        var log = new Chain(this, Names.LogChain(Origin));
        Add(log.Say(authority, new LogOpened
        {
            Origin = Origin,
            Authority = Declare(authority, KeyUse.Authority),
            Recovery = Declare(did + "#recovery", KeyUse.Recovery),
            Head = Declare(did + "#head", KeyUse.Head),
            Log = KeyDeclaration.Of(_logKey, Origin, did + "#log", KeyUse.Log),
        }));
        foreach (var (name, role) in (ReadOnlySpan<(string, Role)>)[("mine", Role.Miner), ("refiner", Role.Refiner), ("cells", Role.CellMaker), ("maker", Role.BatteryMaker), ("fleet", Role.FleetOperator), ("repair", Role.Repairer), ("collect", Role.Collector)])
        {
            for (var i = 0; i < 8; i++)
            {
                var firm = FormattableString.Invariant($"did:web:{name}-{i}.example");
                Add(new Chain(this, firm).Say(authority, new OperatorEnrolled { Operator = firm, Name = name, Roles = [role], Key = Declare(firm + "#k1", KeyUse.Operator) }));
                if (role == Role.BatteryMaker)
                {
                    Add(new Chain(this, Names.GrantsChain(firm)).Say(authority, new IdentifierGranted { Scheme = "gtin", Prefix = FormattableString.Invariant($"952123{i}") }));
                }
            }
        }
    }

    private List<SignedEntry> Campaign(int number)
    {
        string Firm(string name) => FormattableString.Invariant($"did:web:{name}-{number % 8}.example");
        var (mine, refiner, cells, maker, fleet, repairer, collector) = (Firm("mine"), Firm("refiner"), Firm("cells"), Firm("maker"), Firm("fleet"), Firm("repair"), Firm("collect"));
        var all = new List<SignedEntry>();
        SignedEntry Say(Chain chain, string firm, LifecycleEvent happened, EntryLinks? links = null)
        {
            var signed = chain.Say(firm + "#k1", happened, links);
            all.Add(signed);
            return signed;
        }

        Redemption Give(Chain chain, string firm, Chain to, string receiver, string quantity)
        {
            var line = new GoodsGiven(to.Subject, receiver, Quantity.Parse(quantity));
            return new Redemption(Say(chain, firm, new Allocated(), new EntryLinks { Given = [line] }).Entry.LeafHash, 0, line.Opening);
        }

        Chain New() => new(this, "urn:uuid:" + Guid.NewGuid());
        var (ore, salt, lot, sheet) = (New(), New(), New(), New());
        Say(ore, mine, new LotExtracted
        {
            Open = false, Mineral = Mineral.Cobalt, Product = "cobalt hydroxide", Site = new Place { Country = "CD", Locality = "Lualaba" },
            Mass = Quantity.Parse("25000.5"), Content = [new ElementMass { Element = Mineral.Cobalt, Mass = Quantity.Parse("7875.25") }],
        });
        var ores = Give(ore, mine, salt, refiner, "20000");
        Say(salt, refiner, new LotRefined
        {
            Open = false, Mineral = Mineral.Cobalt, Product = "cobalt sulphate heptahydrate", Site = new Place { Country = "FI", Locality = "Kokkola" },
            Mass = Quantity.Parse("18000"), Content = [new ElementMass { Element = Mineral.Cobalt, Mass = Quantity.Parse("3700") }],
        }, new EntryLinks { Taken = [ores] });
        var salts = Give(salt, refiner, lot, cells, "17500.25");
        Say(lot, cells, new ComponentManufactured { Component = ComponentKind.Cells, Open = false, PartNumber = "C-21700-50", Plant = new Place { Country = "PL" }, Count = Quantity.Of(5000) }, new EntryLinks { Taken = [salts] });
        var model = Say(sheet, maker, new ModelDeclared
        {
            Model = "EV-82", Manufacturer = "Example Batteries", Category = BatteryCategory.Ev, Plant = new Place { Country = "DE", Locality = "Brandenburg an der Havel" }, Chemistry = "NMC 811",
            Mass = Quantity.Parse("450"), RatedCapacity = Quantity.Parse("215"), NominalVoltage = Quantity.Parse("400"), WarrantyMonths = 96,
        });
        var batteries = Enumerable.Range(0, Batteries).Select(i => new Chain(this, Gs1.Item(Gtin(number % 8), FormattableString.Invariant($"C{number:000000}-{i:00}")))).ToArray();
        foreach (var battery in batteries)
        {
            var packed = Give(lot, cells, battery, maker, "96");
            Say(battery, maker, new BatteryManufactured { ManufacturedOn = "2026-01", InitialCapacity = Quantity.Parse("214.8"), InitialInternalResistance = Quantity.Parse("0.041") },
                new EntryLinks { Taken = [packed], References = [new Reference(model.Entry.LeafHash, sheet.Subject)] });
        }

        foreach (var battery in batteries)
        {
            Say(battery, maker, new PassportIssued
            {
                PassportIdentifier = "urn:uuid:" + Guid.NewGuid(), Operator = new Contact { Name = "Example Batteries GmbH", Address = "Am Kanal 1, 14770 Brandenburg an der Havel, Germany", Web = "https://batteries.example", Mail = "passport@batteries.example" },
                Facility = "9506000000019", BackupProvider = "did:web:backup.example",
            });
            Say(battery, maker, new BatteryPlacedOnMarket
            {
                Market = "DE", Capacity = Quantity.Parse("214.8"), PowerCapability = Quantity.Parse("310"), InternalResistance = Quantity.Parse("0.041"), RoundTripEfficiency = Quantity.Parse("96.2"),
            });
            Say(battery, maker, new PutIntoService { Application = Application.Vehicle, Vehicle = "WVWZZZ1JZXW000001", User = "Maria Muster" });
            var offered = Say(battery, maker, new ResponsibilityOffered { To = fleet });
            Say(battery, fleet, new ResponsibilityAccepted(), new EntryLinks { References = [new Reference(offered.Entry.LeafHash, battery.Subject)] });
        }

        for (var year = 0; year < 4; year++)
        {
            foreach (var battery in batteries)
            {
                Say(battery, fleet, new HealthMeasured
                {
                    Method = Method, StateOfCertifiedEnergy = Quantity.Of(98 - year), RemainingCapacity = Quantity.Of(212 - year), RoundTripEfficiency = Quantity.Parse("95.5"),
                    InternalResistance = Quantity.Parse("0.042"), FullCycles = 120 * (year + 1), EnergyThroughput = Quantity.Of(9000 * (year + 1)), StateOfCharge = Quantity.Of(64),
                    CapacityFade = Quantity.Of(1 + year), TemperatureMinimum = Quantity.Parse("-11.5"), TemperatureMaximum = Quantity.Parse("41.2"),
                });
            }
        }

        foreach (var battery in batteries)
        {
            Say(battery, repairer, new Repaired { Kind = RepairKind.Repair, Work = "Coolant line sealed, insulation tested.", Safe = true });
            Say(battery, collector, new Collected { Channel = CollectionChannel.Workshop, Country = "NL", Undamaged = true, Mass = Quantity.Parse("449.5") });
        }

        return all;
    }

    private void Add(SignedEntry signed)
    {
        Bytes += signed.Entry.Leaf.Length;
        Chains += signed.Entry.Sequence == 0 ? 1 : 0;
        _bundle.Add(signed.Entry.Leaf);
        _disclosures.Add(signed.Disclosures);
        if (_bundle.Count == Tile.FullWidth)
        {
            Flush();
        }
    }

    private void Flush()
    {
        var tile = new Tile(0, _tiles.Size / Tile.FullWidth, _bundle.Count);
        WriteFile(tile.EntriesPath, EntryBundle.Encode(_bundle));
        if (_withDisclosures)
        {
            WriteFile(FormattableString.Invariant($"disclosures/{tile.Index}"), JsonSerializer.SerializeToUtf8Bytes(new
            {
                bundle = tile.Index,
                size = Size,
                entries = _disclosures.Select((shown, i) => new { index = _tiles.Size + (ulong)i, disclosures = shown.Select(d => d.Text).ToArray() }).ToArray(),
            }));
        }

        _tiles = _tiles.Append(EntryBundle.LeafHashes(_bundle), out var full);
        foreach (var (place, content) in full)
        {
            WriteFile(place.Path, content.ToArray());
        }

        _bundle.Clear();
        _disclosures.Clear();
    }

    private void Close()
    {
        if (_bundle.Count > 0)
        {
            Flush();
        }

        foreach (var (place, content) in _tiles.Partial())
        {
            WriteFile(place.Path, content.ToArray());
        }

        WriteFile("checkpoint", Encoding.UTF8.GetBytes(new Checkpoint(Origin, _tiles.Size, _tiles.Edge().Root()).Sign(_logKey).ToString()));
    }

    private void WriteFile(string path, byte[] content)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }

    private static string Gtin(int maker)
    {
        var digits = FormattableString.Invariant($"0952123{maker}00001");
        return Enumerable.Range(0, 10).Select(check => digits + check.ToString(CultureInfo.InvariantCulture)).Single(Gs1.IsGtin);
    }

    /// <summary>One chain as it grows.</summary>
    private sealed class Chain(AuditedLog log, string subject)
    {
        private long _next;
        private Digest _head;

        internal string Subject => subject;

        internal SignedEntry Say(string keyId, LifecycleEvent happened, EntryLinks? links = null)
        {
            var signed = EventEncoding.Of(happened, links).Draft(keyId, new EntryPlace(Origin, subject, _next++, _head, Epoch, Epoch)).Sign(log._keys[keyId]);
            _head = signed.Entry.LeafHash;
            return signed;
        }
    }
}
