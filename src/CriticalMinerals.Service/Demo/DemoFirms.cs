using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Demo;

/// <summary>Everybody who speaks in the demo, enrolled by the log's authority, each with a key of its own. The firms are made up.</summary>
/// <param name="folder">Where the demo's keys and journals are.</param>
/// <param name="api">The ledger.</param>
/// <param name="origin">The log.</param>
/// <param name="logKeys">Keys that receipts must be signed with.</param>
/// <param name="calendar">When what happened.</param>
public sealed class DemoFirms(string folder, LedgerApi api, string origin, IReadOnlyList<NoteVerifier> logKeys, DemoCalendar calendar) : IDisposable
{
    private static readonly (string Host, string Name, Role[] Roles)[] Enrolled =
    [
        ("salar-clara", "Salar Clara Litio SpA", [Role.Miner]),
        ("ungava-nickel", "Ungava Nickel Inc.", [Role.Miner]),
        ("lualaba-cobalt", "Lualaba Cobalt SARL", [Role.Miner]),
        ("montepuez-grafite", "Montepuez Grafite Lda", [Role.Miner]),
        ("kokkola-refining", "Kokkola Battery Refining Oy", [Role.Refiner]),
        ("lusatia-materials", "Lusatia Battery Materials GmbH", [Role.MaterialMaker]),
        ("tisza-cells", "Tisza Cells Kft.", [Role.CellMaker]),
        ("havel-energy", "Havel Energy Packs GmbH", [Role.BatteryMaker]),
        ("rondo-carsharing", "Rondo Carsharing B.V.", [Role.FleetOperator]),
        ("amstel-workshop", "Amstel High Voltage Workshop B.V.", [Role.Repairer]),
        ("spree-inspection", "Spree Inspection AG", [Role.Inspector]),
        ("meridian-assurance", "Meridian Assurance Ltd", [Role.Auditor]),
        ("rijn-returns", "Rijn Battery Returns B.V.", [Role.Collector]),
        ("second-current", "Second Current Storage GmbH", [Role.SecondLifeOperator]),
        ("oder-recycling", "Oder Recycling Sp. z o.o.", [Role.Recycler]),
    ];

    private readonly Dictionary<string, DemoFirm> _firms = new(StringComparer.Ordinal);
    private DemoFirm? _authority;

    public DemoFirm LithiumMine => _firms["salar-clara"];

    public DemoFirm NickelMine => _firms["ungava-nickel"];

    public DemoFirm CobaltMine => _firms["lualaba-cobalt"];

    public DemoFirm GraphiteMine => _firms["montepuez-grafite"];

    public DemoFirm Refiner => _firms["kokkola-refining"];

    public DemoFirm MaterialMaker => _firms["lusatia-materials"];

    public DemoFirm CellMaker => _firms["tisza-cells"];

    public DemoFirm PackMaker => _firms["havel-energy"];

    public DemoFirm Fleet => _firms["rondo-carsharing"];

    public DemoFirm Workshop => _firms["amstel-workshop"];

    public DemoFirm Inspector => _firms["spree-inspection"];

    public DemoFirm Auditor => _firms["meridian-assurance"];

    public DemoFirm Collector => _firms["rijn-returns"];

    public DemoFirm SecondLife => _firms["second-current"];

    public DemoFirm Recycler => _firms["oder-recycling"];

    /// <summary>Opens the log, enrols everybody and grants the makers of batteries their prefixes, as far as that has not been done.</summary>
    public async Task EnrolAsync(CancellationToken cancel)
    {
        var authority = await OpenLogAsync(cancel);
        foreach (var (host, _, _) in Enrolled)
        {
            _firms[host] = await DemoFirm.OpenAsync(folder, host, $"did:web:{host}.example#k1", api, origin, logKeys, cancel);
        }

        await authority.SayAllAsync(Enrolled.Select(e => Enrolment(_firms[e.Host], e.Name, e.Roles)), cancel);
        await authority.SayAllAsync(
            [Grant(PackMaker, "gtin", "9506000"), Grant(PackMaker, "gbt34014", "0HP"), Grant(SecondLife, "gtin", "9506001"), Grant(SecondLife, "gbt34014", "0SC")], cancel);
    }

    public void Dispose()
    {
        _authority?.Dispose();
        foreach (var firm in _firms.Values)
        {
            firm.Dispose();
        }
    }

    private async Task<DemoFirm> OpenLogAsync(CancellationToken cancel)
    {
        var did = Names.LogOperator(origin);
        _authority = await DemoFirm.OpenAsync(folder, "authority", did + "#authority", api, origin, logKeys, cancel);
        using var recovery = DemoKeys.Open(Path.Combine(folder, "recovery.pem"));
        using var keys = Log.LogKeys.Read(Path.GetDirectoryName(folder)!);
        await _authority.SayAsync(Names.LogChain(origin), new LogOpened
        {
            Origin = origin,
            Authority = _authority.Declare(origin, KeyUse.Authority),
            Recovery = KeyDeclaration.Of(recovery, origin, did + "#recovery", KeyUse.Recovery),
            Head = KeyDeclaration.Of(keys.Head, origin, did + "#head", KeyUse.Head),
            Log = KeyDeclaration.Of(keys.Log, origin, did + "#log", KeyUse.Log),
        }, calendar.DaysAgo(0), null, cancel);
        return _authority;
    }

    private (string, LifecycleEvent, DateTimeOffset) Enrolment(DemoFirm firm, string name, Role[] roles) =>
        (firm.Did, new OperatorEnrolled { Operator = firm.Did, Name = name, Roles = roles, Key = firm.Declare(origin, KeyUse.Operator) }, calendar.DaysAgo(2000));

    private (string, LifecycleEvent, DateTimeOffset) Grant(DemoFirm firm, string scheme, string prefix) =>
        (Names.GrantsChain(firm.Did), new IdentifierGranted { Scheme = scheme, Prefix = prefix }, calendar.DaysAgo(1990));
}
