using CriticalMinerals.Lifecycle.Attesting;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Granting;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Lifecycle.ChainKind;
using static CriticalMinerals.Lifecycle.Relation;
using static CriticalMinerals.Lifecycle.Values.LinePurpose;
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
        Continues<Affirmed>("affirmed.v1", [ChainKind.Operator, Log], By(Self), By(LogKey)),
        Continues<RoleGranted>("role-granted.v1", [ChainKind.Operator], By(Authority)),
        Continues<RoleWithdrawn>("role-withdrawn.v1", [ChainKind.Operator], By(Authority)),
        Continues<Succeeded>("succeeded.v1", [ChainKind.Operator], By(Authority)),
        Continues<OperatorSuspended>("operator-suspended.v1", [ChainKind.Operator], By(Authority)),
        Continues<OperatorReinstated>("operator-reinstated.v1", [ChainKind.Operator], By(Authority)),
        Either<IdentifierGranted>("identifier-granted.v1", Grants, By(Authority)),
        Continues<IdentifierWithdrawn>("identifier-withdrawn.v1", [Grants], By(Authority)),
        Either<Delegated>("delegated.v1", Grants, By(Self)),
        Continues<DelegationRevoked>("delegation-revoked.v1", [Grants], By(Self)),
        Either<AuditAccessGranted>("audit-access-granted.v1", Grants, By(Authority)),
        Continues<AuditAccessRevoked>("audit-access-revoked.v1", [Grants], By(Authority)),

        Opens<LotExtracted>("lot-extracted.v1", Lot, By(Founder, Miner)),
        Opens<LotRefined>("lot-refined.v1", Lot, By(Founder, Refiner, MaterialMaker)).Taking(Stock, Recovered),
        Opens<MaterialManufactured>("material-manufactured.v1", Lot, By(Founder, MaterialMaker)).Taking(Stock, Recovered),
        Opens<LotsBlended>("lots-blended.v1", Lot, By(Founder, Miner, Refiner, MaterialMaker, Recycler)).Taking(Stock, Recovered),
        Opens<Received>("received.v1", Consignment, By(Founder)).Taking(Stock, Part, Recovered),
        Continues<InputsAdded>("inputs-added.v1", [Lot, Component, Consignment, Battery], By(Keeper)).Taking(Stock, Part, Recovered),
        Continues<Allocated>("allocated.v1", [Lot, Component, Consignment], By(Keeper)),
        Continues<Withdrawn>("withdrawn.v1", [Lot, Component, Consignment, Battery], By(Keeper)),
        Continues<Voided>("voided.v1", [Lot, Component, Consignment, Battery], By(Opener)),
        Continues<BalanceClosed>("balance-closed.v1", [Lot, Consignment], By(Keeper)),
        Continues<Disposed>("disposed.v1", [Lot, Component, Consignment, Battery], By(Keeper)),

        Opens<ModelDeclared>("model-declared.v1", Model, By(Founder, BatteryMaker, Importer, VehicleMaker, SecondLifeOperator)),
        Continues<PerformanceDeclared>("performance-declared.v1", [Model], By(Keeper)),
        Continues<CompositionDeclared>("composition-declared.v1", [Model], By(Keeper)),
        Continues<CircularityDeclared>("circularity-declared.v1", [Model], By(Keeper)),
        Continues<LabellingDeclared>("labelling-declared.v1", [Model], By(Keeper)),
        Continues<ConformityDeclared>("conformity-declared.v1", [Model], By(Keeper)),
        Continues<CarbonFootprintDeclared>("carbon-footprint-declared.v1", [Model], By(Keeper)),
        Continues<RecycledContentDeclared>("recycled-content-declared.v1", [Model], By(Keeper)),
        Continues<DueDiligenceReported>("due-diligence-reported.v1", [Model], By(Keeper)),
        Opens<ComponentManufactured>("component-manufactured.v1", Component, By(Founder, CellMaker, ModuleMaker, BatteryMaker)).Taking(Stock, Part),
        Opens<BatteryManufactured>("battery-manufactured.v1", Battery, By(Founder, BatteryMaker)).Taking(Stock),
        Opens<BatteryImported>("battery-imported.v1", Battery, By(Founder, Importer)),
        Continues<PassportIssued>("passport-issued.v1", [Battery], By(Keeper)),
        Continues<PassportRegistered>("passport-registered.v1", [Battery], By(Keeper)),
        Continues<LabelIssued>("label-issued.v1", [Battery], By(Keeper)),
        Continues<AliasAdded>("alias-added.v1", [Battery], By(Keeper)),
        Continues<AliasStruck>("alias-struck.v1", [Battery], By(Keeper), By(Authority)),
        Continues<BatteryPlacedOnMarket>("battery-placed-on-market.v1", [Battery], By(Keeper, BatteryMaker, Importer, Distributor, VehicleMaker, SecondLifeOperator)),
        Continues<BatterySold>("battery-sold.v1", [Battery], By(Keeper), By(Observer, Distributor, VehicleMaker)),

        Continues<PutIntoService>("put-into-service.v1", [Battery], By(Keeper), By(Observer, VehicleMaker, FleetOperator, Repairer)),
        Continues<HealthMeasured>("health-measured.v1", [Battery], By(Keeper), By(Observer, Repairer, Collector, Inspector, FleetOperator, SecondLifeOperator)),
        Continues<IncidentReported>("incident-reported.v1", [Battery], By(Keeper), By(Observer, Repairer, Collector, Inspector, FleetOperator, PublicAuthority)),
        Continues<Repaired>("repaired.v1", [Battery], By(Keeper), By(Observer, Repairer)),
        Continues<PartReplaced>("part-replaced.v1", [Battery], By(Keeper)).Taking(Stock, Part),
        Continues<BatterySwapped>("battery-swapped.v1", [Battery], By(Keeper), By(Observer, FleetOperator)),
        Continues<LossReported>("loss-reported.v1", [Battery], By(Keeper), By(Observer, PublicAuthority)),
        Continues<Found>("found.v1", [Battery], By(Keeper), By(Observer, PublicAuthority)),
        Continues<Exported>("exported.v1", [Battery], By(Keeper), By(Observer, PublicAuthority)),
        Continues<ResponsibilityOffered>("responsibility-offered.v1", [Battery], By(Keeper)),
        Continues<ResponsibilityAccepted>("responsibility-accepted.v1", [Battery], By(Offered)),
        Continues<AccessGranted>("access-granted.v1", [Battery], By(Keeper)),
        Continues<AccessRevoked>("access-revoked.v1", [Battery], By(Keeper)),

        Continues<Collected>("collected.v1", [Battery], By(Keeper), By(Observer, Collector, Dismantler, Recycler, Distributor)),
        Continues<Assessed>("assessed.v1", [Battery], By(Keeper, SecondLifeOperator), By(Observer, Inspector)),
        Continues<Released>("released.v1", [Battery], By(Keeper), By(Authority)),
        Opens<SecondLifeBegun>("second-life-begun.v1", Battery, By(Founder, SecondLifeOperator, BatteryMaker))
            .Taking(Stock, Part, ReUse, PreparationForReUse, LinePurpose.Repurposing, PreparationForRepurposing, Remanufacturing),

        Continues<Dismantled>("dismantled.v1", [Battery], By(Keeper, Dismantler, Recycler, SecondLifeOperator)),
        Continues<Recycled>("recycled.v1", [Battery], By(Observer, Recycler)).Taking(LinePurpose.Recycling),
        Opens<BlackMassProduced>("black-mass-produced.v1", Lot, By(Founder, Recycler)).Taking(Stock, Part, Recovered),
        Opens<MaterialRecovered>("material-recovered.v1", Lot, By(Founder, Recycler, Refiner)).Taking(Stock, Recovered),

        Continues<Attested>("attested.v1", [ChainKind.Operator, Model, Lot, Component, Consignment, Battery], By(Observer, Auditor, Inspector, PublicAuthority)),
        Continues<EvidenceGiven>("evidence-given.v1", [ChainKind.Operator, Model, Lot, Component, Battery], By(Self), By(Keeper), By(Observer, Auditor, Inspector)),
        Continues<Recalled>("recalled.v1", [Model, Lot, Component, Consignment, Battery], By(Keeper), By(Opener), By(Authority)),
        Continues<RecallEnded>("recall-ended.v1", [Model, Lot, Component, Consignment, Battery], By(Keeper), By(Opener), By(Authority)),

        Continues<Corrected>("corrected.v1", [ChainKind.Operator, Model, Lot, Component, Consignment, Battery], By(Signer), By(Keeper), By(Authority)),
        Continues<Erased>("erased.v1", [ChainKind.Operator, Model, Lot, Component, Consignment, Battery], By(Signer), By(Authority)),
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
        where T : LifecycleEvent => new(name, typeof(T), Standing.Opens, [chain], accepts: [], rights);

    private static EventType Either<T>(string name, ChainKind chain, params Right[] rights)
        where T : LifecycleEvent => new(name, typeof(T), Standing.Either, [chain], accepts: [], rights);

    private static EventType Continues<T>(string name, ChainKind[] chains, params Right[] rights)
        where T : LifecycleEvent => new(name, typeof(T), Standing.Continues, chains, accepts: [], rights);

    private static EventType Taking(this EventType type, params LinePurpose[] purposes) => new(type.Name, type.Record, type.Standing, type.Chains, purposes, type.Rights);
}
