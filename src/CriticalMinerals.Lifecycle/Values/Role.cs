namespace CriticalMinerals.Lifecycle.Values;

/// <summary>What an operator is enrolled to do. Spelled in kebab case on the wire.</summary>
public enum Role
{
    Miner,
    Refiner,
    MaterialMaker,
    CellMaker,
    ModuleMaker,
    BatteryMaker,
    Importer,
    VehicleMaker,
    Distributor,
    FleetOperator,
    Repairer,
    Collector,
    SecondLifeOperator,
    Dismantler,
    Recycler,
    Inspector,
    Auditor,
    PublicAuthority,
}
