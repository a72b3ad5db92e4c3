using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using static CriticalMinerals.Lifecycle.ChainKind;
using static CriticalMinerals.Lifecycle.Relation;
using static CriticalMinerals.Lifecycle.Values.Role;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// The one list of events: wire name, record, where it stands, who may say it. A published line is never changed: a new version stands beside it.
/// </summary>
public static class EventCatalog
{
    /// <summary>Every event this version knows.</summary>
    public static IReadOnlyList<EventType> All { get; } =
    [
        Opens<LogOpened>("log-opened.v1", Log, By(LogKey)),

        Opens<OperatorEnrolled>("operator-enrolled.v1", ChainKind.Operator, By(Authority)),
        Continues<KeyAdded>("key-added.v1", [ChainKind.Operator, Log], By(Self), By(LogKey)),
        Continues<KeyRevoked>("key-revoked.v1", [ChainKind.Operator, Log], By(Self), By(LogKey)),
        Continues<KeyCompromised>("key-compromised.v1", [ChainKind.Operator, Log], By(Self), By(LogKey)),
        Continues<RoleGranted>("role-granted.v1", [ChainKind.Operator], By(Authority)),
        Continues<RoleWithdrawn>("role-withdrawn.v1", [ChainKind.Operator], By(Authority)),
        Either<IdentifierGranted>("identifier-granted.v1", Grants, By(Authority)),
        Continues<IdentifierWithdrawn>("identifier-withdrawn.v1", [Grants], By(Authority)),
        Either<Delegated>("delegated.v1", Grants, By(Self)),
        Continues<DelegationRevoked>("delegation-revoked.v1", [Grants], By(Self)),

        Opens<LotExtracted>("lot-extracted.v1", Lot, By(Founder, Miner)),
        Opens<LotRefined>("lot-refined.v1", Lot, By(Founder, Refiner, MaterialMaker)).Taking(),
        Continues<Allocated>("allocated.v1", [Lot, Component, Consignment], By(Keeper)),
        Opens<Received>("received.v1", Consignment, By(Founder)).Taking(),
        Continues<Withdrawn>("withdrawn.v1", [Lot, Component, Consignment], By(Keeper)),

        Opens<ModelDeclared>("model-declared.v1", Model, By(Founder, BatteryMaker, Importer)),
        Opens<ComponentManufactured>("component-manufactured.v1", Component, By(Founder, CellMaker, ModuleMaker, BatteryMaker)).Taking(),
        Opens<BatteryManufactured>("battery-manufactured.v1", Battery, By(Founder, BatteryMaker)).Taking(),
        Continues<BatteryPlacedOnMarket>("battery-placed-on-market.v1", [Battery], By(Keeper, BatteryMaker, Importer, Distributor, VehicleMaker)),

        Continues<HealthMeasured>("health-measured.v1", [Battery], By(Keeper), By(Observer, Repairer, Collector, Inspector, FleetOperator, SecondLifeOperator)),

        Continues<Corrected>("corrected.v1", [ChainKind.Operator, Model, Lot, Component, Consignment, Battery], By(Signer), By(Keeper), By(Authority)),
    ];

    private static readonly Dictionary<string, EventType> ByName = All.ToDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>The event of that wire name, or null.</summary>
    public static EventType? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The line of a record.</summary>
    /// <exception cref="InvalidOperationException">The record is in no line.</exception>
    public static EventType Of<T>()
        where T : LifecycleEvent => All.First(t => t.Record == typeof(T));

    private static Right By(Relation relation, params Values.Role[] roles) => new(relation, roles);

    private static EventType Opens<T>(string name, ChainKind chain, params Right[] rights)
        where T : LifecycleEvent => new(name, typeof(T), Standing.Opens, [chain], takes: false, rights);

    private static EventType Either<T>(string name, ChainKind chain, params Right[] rights)
        where T : LifecycleEvent => new(name, typeof(T), Standing.Either, [chain], takes: false, rights);

    private static EventType Continues<T>(string name, ChainKind[] chains, params Right[] rights)
        where T : LifecycleEvent => new(name, typeof(T), Standing.Continues, chains, takes: false, rights);

    private static EventType Taking(this EventType type) => new(type.Name, type.Record, type.Standing, type.Chains, takes: true, type.Rights);
}
