using System.Text.Json;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Demo;
using CriticalMinerals.Service.Log;

namespace CriticalMinerals.Service.Tests.Worlds;

/// <summary>Everybody in a world, enrolled by the log's authority, each with a key and a journal of its own.</summary>
/// <param name="folder">Where keys and journals are.</param>
/// <param name="api">The ledger.</param>
/// <param name="origin">The log.</param>
/// <param name="logKeys">Keys that receipts must be signed with.</param>
public sealed class WorldFirms(string folder, LedgerApi api, string origin, IReadOnlyList<NoteVerifier> logKeys) : IDisposable
{
    // How many firms have a role, as proportions of the trade go; pack makers make their modules themselves.
    private static readonly (Role[] Roles, int Count)[] Trade =
    [
        ([Role.Miner], 9), ([Role.Refiner], 4), ([Role.MaterialMaker], 3), ([Role.CellMaker], 3), ([Role.BatteryMaker], 3), ([Role.Importer], 1), ([Role.Distributor], 2),
        ([Role.VehicleMaker], 1), ([Role.FleetOperator], 3), ([Role.Repairer], 5), ([Role.Inspector], 2), ([Role.Auditor], 2), ([Role.Collector], 2),
        ([Role.SecondLifeOperator], 2), ([Role.Dismantler, Role.Collector], 1), ([Role.Recycler], 2), ([Role.PublicAuthority], 1),
    ];

    private readonly Dictionary<Role, List<DemoFirm>> _firms = [];
    private readonly Dictionary<string, string> _prefixes = new(StringComparer.Ordinal);
    private readonly List<DemoFirm> _all = [];

    /// <summary>The authority of the log.</summary>
    public DemoFirm Authority { get; private set; } = null!;

    /// <summary>The log.</summary>
    public string Origin => origin;

    /// <summary>All firms of a role.</summary>
    public IReadOnlyList<DemoFirm> All(Role role) => _firms[role];

    /// <summary>Some firm of a role.</summary>
    public DemoFirm Any(Role role, Random random) => _firms[role][random.Next(_firms[role].Count)];

    /// <summary>The GTIN prefix that was granted to a firm: seven digits.</summary>
    public string PrefixOf(DemoFirm firm) => _prefixes[firm.Did];

    /// <summary>Opens the log, enrols everybody, grants prefixes to those who name batteries.</summary>
    public async Task EnrolAsync(CancellationToken cancel)
    {
        Authority = Keep(await OpenAsync("authority", Names.LogOperator(origin) + "#authority", cancel));
        using (var recovery = DemoKeys.Open(Path.Combine(folder, "recovery.pem")))
        using (var keys = LogKeys.Read(Path.GetDirectoryName(folder)!))
        {
            await Authority.SayAsync(Names.LogChain(origin), new LogOpened
            {
                Origin = origin,
                Authority = Authority.Declare(origin, KeyUse.Authority),
                Recovery = KeyDeclaration.Of(recovery, origin, Authority.Did + "#recovery", KeyUse.Recovery),
                Head = KeyDeclaration.Of(keys.Head, origin, Authority.Did + "#head", KeyUse.Head),
                Log = KeyDeclaration.Of(keys.Log, origin, Authority.Did + "#log", KeyUse.Log),
            }, WorldPlan.Day(0), null, cancel);
        }

        foreach (var (roles, count) in Trade)
        {
            for (var i = 1; i <= count; i++)
            {
                await EnrolAsync($"{JsonNamingPolicy.KebabCaseLower.ConvertName(roles[0].ToString())}-{i}", roles, cancel);
            }
        }

        var prefix = 9500000;
        foreach (var firm in (DemoFirm[])[.. All(Role.BatteryMaker), .. All(Role.Importer), .. All(Role.SecondLifeOperator)])
        {
            _prefixes[firm.Did] = (++prefix).ToString("D7", System.Globalization.CultureInfo.InvariantCulture);
            await Authority.SayAllAsync(
                [
                    (Names.GrantsChain(firm.Did), new IdentifierGranted { Scheme = "gtin", Prefix = _prefixes[firm.Did] }, WorldPlan.Day(1)),
                    (Names.GrantsChain(firm.Did), new IdentifierGranted { Scheme = "gbt34014", Prefix = FormattableString.Invariant($"W{prefix % 100:00}") }, WorldPlan.Day(1)),
                ],
                cancel);
        }
    }

    /// <summary>Enrols one more firm.</summary>
    public async Task<DemoFirm> EnrolAsync(string name, Role[] roles, CancellationToken cancel)
    {
        var firm = Keep(await OpenAsync(name, $"did:web:{name}.example#k1", cancel));
        await Authority.SayAsync(
            firm.Did, new OperatorEnrolled { Operator = firm.Did, Name = name, Roles = roles, Key = firm.Declare(origin, KeyUse.Operator) }, WorldPlan.Day(0), null, cancel);
        foreach (var role in roles)
        {
            if (!_firms.TryGetValue(role, out var firms))
            {
                _firms[role] = firms = [];
            }

            firms.Add(firm);
        }

        return firm;
    }

    /// <summary>One who signs with a further key of a firm.</summary>
    public async Task<DemoFirm> WithKeyAsync(DemoFirm firm, string key, CancellationToken cancel) =>
        Keep(await OpenAsync(FormattableString.Invariant($"{_all.IndexOf(firm)}-{key}"), firm.Did + "#" + key, cancel));

    public void Dispose()
    {
        foreach (var firm in _all)
        {
            firm.Dispose();
        }
    }

    private Task<DemoFirm> OpenAsync(string name, string keyId, CancellationToken cancel) => DemoFirm.OpenAsync(folder, name, keyId, api, origin, logKeys, cancel);

    private DemoFirm Keep(DemoFirm firm)
    {
        _all.Add(firm);
        return firm;
    }
}
