using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Using;
using static CriticalMinerals.Lifecycle.AccessClass;
using static CriticalMinerals.Lifecycle.Passports.AttributeChange;
using static CriticalMinerals.Lifecycle.Passports.AttributeGroup;
using static CriticalMinerals.Lifecycle.Passports.AttributeLevel;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// The 93 attributes of DIN DKE SPEC 99100:2025-02 with the claim that supplies each. Fades and the increase of resistance are taken as dynamic values of the
/// single battery, as Annex XIII point 4 has them, where the specification calls them static.
/// </summary>
public static class StandardAttributes
{
    // Aspects of the BatteryPass data model 1.2.
    private const string Gpi = "GeneralProductInformation.";
    private const string Lab = "Labeling.";
    private const string Cf = "CarbonFootprintForBatteries.";
    private const string Dd = "SupplyChainDueDiligence.";
    private const string Mat = "MaterialComposition.";
    private const string Cir = "Circularity.";
    private const string Tp = "PerformanceAndDurability.batteryTechicalProperties.";
    private const string Bc = "PerformanceAndDurability.batteryCondition.";
    private const string Law = "Regulation (EU) 2023/1542 ";

    /// <summary>All of them, by number.</summary>
    public static IReadOnlyList<StandardAttribute> All { get; } =
    [
        // Identifiers and product data.
        new(1, Product, "Battery passport identifier", Gpi + "batteryPassportIdentifier", P, null, Static, Item, Law + "Art. 77(3)",
            [In<PassportIssued>("passportIdentifier")]),
        new(2, Product, "Battery identifier", Gpi + "productIdentifier", P, null, Static, Item, Law + "Annex VI Part A(2), Art. 38(6), Annex XIII 1(a)",
            [In<BatteryManufactured>("sub", "item"), In<BatteryImported>("sub", "item"), In<SecondLifeBegun>("sub", "item"), In<ModelDeclared>("model", "model")]),
        new(3, Product, "Operator identifier and information", Gpi + "operatorInformation", P, null, Static, Item, Law + "Art. 77(3) and (4); Regulation (EU) 2024/1781 Annex III(h)",
            [In<PassportIssued>("operator")]),
        new(4, Product, "Manufacturer identifier and information", Gpi + "manufacturerInformation", P, null, Static, AttributeLevel.Model, Law + "Annex VI Part A(1), Art. 38(7)",
            [In<ModelDeclared>("manufacturer", "name"), In<ModelDeclared>("manufacturerContact", "contact")]),
        new(5, Product, "Manufacturing place", Gpi + "manufacturingPlace", P, null, Static, AttributeLevel.Model, Law + "Annex VI Part A(3)",
            [In<BatteryManufactured>("plant"), In<BatteryImported>("plant"), In<SecondLifeBegun>("plant"), In<ModelDeclared>("plant")]),
        new(6, Product, "Manufacturing date", Gpi + "manufacturingDate", P, null, Static, Item, Law + "Annex VI Part A(4)",
            [In<BatteryManufactured>("manufacturedOn"), In<BatteryImported>("manufacturedOn"), In<SecondLifeBegun>("manufacturedOn")]),
        new(7, Product, "Date of putting into service", Gpi + "puttingIntoService", U, null, Static, Item, Law + "Annex VII Part B(1)",
            [In<PutIntoService>("toe")]),
        new(8, Product, "Commercial warranty period", Gpi + "warrentyPeriod", P, "month", Static, AttributeLevel.Model, Law + "Annex XIII 1(m)",
            [In<ModelDeclared>("warrantyMonths")]),
        new(9, Product, "Battery category", Gpi + "batteryCategory", P, null, Static, AttributeLevel.Model, Law + "Annex VI Part A(2)",
            [In<ModelDeclared>("category")]),
        new(10, Product, "Battery mass", Gpi + "batteryMass", P, "kg", Static, AttributeLevel.Model, Law + "Annex VI Part A(5)",
            [In<ModelDeclared>("mass")]),
        new(11, Product, "Battery status", Gpi + "batteryStatus", U, null, Dynamic, Item, Law + "Annex XIII 4(c)",
            [In<BatteryManufactured>("evt"), In<BatteryImported>("status"), In<SecondLifeBegun>("operation"), In<Collected>("evt"), In<Dismantled>("evt")]),

        // Symbols, labels, documentation of conformity.
        new(12, Conformity, "Separate collection symbol", Lab + "labels[SeparateCollection]", P, null, Static, AttributeLevel.Model, Law + "Annex XIII 1(q), Art. 13(4), Annex VI Part B",
            [In<LabellingDeclared>("symbols", where: ("kind", "separate-collection"))]),
        new(13, Conformity, "Symbols for cadmium and lead", Lab + "labels[HazardousMaterial]", P, null, Static, AttributeLevel.Model, Law + "Annex XIII 1(q), Art. 13(5)",
            [In<LabellingDeclared>("symbols", "cadmium", where: ("kind", "cadmium")), In<LabellingDeclared>("symbols", "lead", where: ("kind", "lead"))]),
        new(14, Conformity, "Carbon footprint label", Lab + "labels[CarbonFootPrint]", P, null, Static, AttributeLevel.Model, Law + "Art. 7(2), Annex XIII 1(c)",
            [In<LabellingDeclared>("symbols", where: ("kind", "carbon-footprint"))]),
        new(15, Conformity, "Extinguishing agent", Lab + "labels[ExtinguishingAgent]", P, null, Static, AttributeLevel.Model, Law + "Annex VI Part A(9)",
            [In<ModelDeclared>("extinguishingAgents", "agents"), In<LabellingDeclared>("symbols", "symbol", where: ("kind", "extinguishing-agent"))]),
        new(16, Conformity, "Meaning of labels and symbols", Lab + "labels[].labelingMeaning", P, null, Static, AttributeLevel.Model, Law + "Art. 74(1)(e), Annex XIII 1(s)",
            [In<LabellingDeclared>("symbols", member: "meaning")]),
        new(17, Conformity, "EU declaration of conformity", Lab + "declarationOfConformity", P, null, Static, AttributeLevel.Model, Law + "Annex XIII 1(r), Art. 18, Annex IX",
            [In<ConformityDeclared>("declaration", "document"), In<ConformityDeclared>("declarationNumber", "number")]),
        new(18, Conformity, "Results of test reports", Lab + "resultOfTestReport", C, null, Static, AttributeLevel.Model, Law + "Annex XIII 3, Annex VIII",
            [In<ConformityDeclared>("testReports")]),

        // Carbon footprint.
        new(19, CarbonFootprint, "Carbon footprint per functional unit", Cf + "batteryCarbonFootprint", P, "kg CO2e/kWh", Static, AttributeLevel.Model, Law + "Art. 7(1)(d), Annex XIII 1(c)",
            [In<CarbonFootprintDeclared>("total")]),
        new(20, CarbonFootprint, "Carbon footprint of raw material acquisition and pre-processing", Cf + "carbonFootprintPerLifecycleStage[RawMaterialExtraction].carbonFootprint", P, "kg CO2e/kWh", Static, AttributeLevel.Model, Law + "Art. 7(1)(e), Annex II(4)",
            [In<CarbonFootprintDeclared>("rawMaterials")]),
        new(21, CarbonFootprint, "Carbon footprint of main product production", Cf + "carbonFootprintPerLifecycleStage[MainProduction].carbonFootprint", P, "kg CO2e/kWh", Static, AttributeLevel.Model, Law + "Art. 7(1)(e), Annex II(4)",
            [In<CarbonFootprintDeclared>("production")]),
        new(22, CarbonFootprint, "Carbon footprint of distribution", Cf + "carbonFootprintPerLifecycleStage[Distribution].carbonFootprint", P, "kg CO2e/kWh", Static, AttributeLevel.Model, Law + "Art. 7(1)(e), Annex II(4)",
            [In<CarbonFootprintDeclared>("distribution")]),
        new(23, CarbonFootprint, "Carbon footprint of end of life and recycling", Cf + "carbonFootprintPerLifecycleStage[Recycling].carbonFootprint", P, "kg CO2e/kWh", Static, AttributeLevel.Model, Law + "Art. 7(1)(e), Annex II(4)",
            [In<CarbonFootprintDeclared>("endOfLife")]),
        new(24, CarbonFootprint, "Carbon footprint performance class", Cf + "carbonFootprintPerformanceClass", P, null, Static, AttributeLevel.Model, Law + "Art. 7(2)",
            [In<CarbonFootprintDeclared>("performanceClass")]),
        new(25, CarbonFootprint, "Web link to the public study", Cf + "carbonFootprintStudy", P, null, Static, AttributeLevel.Model, Law + "Art. 7(1)(g)",
            [In<CarbonFootprintDeclared>("study")]),
        new(26, CarbonFootprint, "General information in the declaration", null, P, null, Static, AttributeLevel.Model, Law + "Art. 7(1)(a) to (c) and (f)",
            [In<ModelDeclared>("manufacturer", "manufacturer"), In<ModelDeclared>("model", "model"), In<ModelDeclared>("plant", "plant"), In<CarbonFootprintDeclared>("declarationNumber", "declaration")]),
        new(27, CarbonFootprint, "Absolute carbon footprint", Cf + "absoluteCarbonFootprint", P, "kg CO2e", Static, AttributeLevel.Model, null,
            [In<CarbonFootprintDeclared>("absolute")]),

        // Supply chain due diligence.
        new(28, DueDiligence, "Due diligence report", Dd + "supplyChainDueDiligenceReport", P, null, Static, AttributeLevel.Model, Law + "Annex XIII 1(d), Art. 52(3)",
            [In<DueDiligenceReported>("report")]),
        new(29, DueDiligence, "Third-party assurances", Dd + "thirdPartyAussurances", P, null, Static, AttributeLevel.Model, Law + "Art. 49(1)(d)",
            [In<DueDiligenceReported>("assurances")]),
        new(30, DueDiligence, "Supply chain indices", Dd + "supplyChainIndicies", P, null, Static, AttributeLevel.Model, null,
            [In<DueDiligenceReported>("indices")]),

        // Materials and composition.
        new(31, Materials, "Battery chemistry", Mat + "batteryChemistry", P, null, Static, AttributeLevel.Model, Law + "Annex XIII 1(b), Annex VI Part A(7)",
            [In<ModelDeclared>("chemistry", "shortName"), In<ModelDeclared>("chemistryName", "clearName")]),
        new(32, Materials, "Critical raw materials above 0.1 % by mass", Mat + "batteryMaterials[].isCriticalRawMaterial", P, null, Static, AttributeLevel.Model, Law + "Annex VI Part A(10), Annex XIII 1(b)",
            [In<ModelDeclared>("criticalRawMaterials")]),
        new(33, Materials, "Materials in cathode, anode and electrolyte", Mat + "batteryMaterials", R, null, Static, AttributeLevel.Model, Law + "Annex XIII 2(a)",
            [In<ModelDeclared>("materials")]),
        new(34, Materials, "Hazardous substances", Mat + "hazardousSubstances", P, null, Static, AttributeLevel.Model, Law + "Annex VI Part A(8), Annex XIII 1(b)",
            [In<CompositionDeclared>("substances"), In<ModelDeclared>("hazardousSubstances")]),
        new(35, Materials, "Impact of substances on environment, health and safety", Mat + "hazardousSubstances[].hazardousSubstanceImpact", P, null, Static, AttributeLevel.Model, Law + "Art. 74(1)(f), Annex XIII 1(s)",
            [In<CompositionDeclared>("substances", member: "impact")]),

        // Circularity and resource efficiency.
        new(36, Circularity, "Dismantling information", Cir + "dismantlingAndRemovalInformation", R, null, Static, AttributeLevel.Model, Law + "Annex XIII 2(c)",
            [In<CircularityDeclared>("dismantling")]),
        new(37, Circularity, "Part numbers of components", Cir + "sparePartSources[].components[].partNumber", R, null, Static, AttributeLevel.Model, Law + "Annex XIII 2(b)",
            [In<CircularityDeclared>("spareParts", member: "partNumber")]),
        new(38, Circularity, "Sources of spare parts", Cir + "sparePartSources", R, null, Static, AttributeLevel.Model, Law + "Annex XIII 2(b)",
            [In<CircularityDeclared>("spareParts", member: "source")]),
        new(39, Circularity, "Safety measures", Cir + "safetyMeasures.safetyInstructions", R, null, Static, AttributeLevel.Model, Law + "Annex XIII 2(d), Art. 74(2)",
            [In<CircularityDeclared>("safety")]),
        new(40, Circularity, "Pre-consumer recycled share of nickel", Cir + "recycledContent[Nickel].preConsumerShare", P, "%", Static, AttributeLevel.Model, Law + "Art. 8(1), Annex XIII 1(e)",
            [In<RecycledContentDeclared>("shares", where: ("element", "nickel"), member: "preConsumer")]),
        new(41, Circularity, "Pre-consumer recycled share of cobalt", Cir + "recycledContent[Cobalt].preConsumerShare", P, "%", Static, AttributeLevel.Model, Law + "Art. 8(1), Annex XIII 1(e)",
            [In<RecycledContentDeclared>("shares", where: ("element", "cobalt"), member: "preConsumer")]),
        new(42, Circularity, "Pre-consumer recycled share of lithium", Cir + "recycledContent[Lithium].preConsumerShare", P, "%", Static, AttributeLevel.Model, Law + "Art. 8(1), Annex XIII 1(e)",
            [In<RecycledContentDeclared>("shares", where: ("element", "lithium"), member: "preConsumer")]),
        new(43, Circularity, "Pre-consumer recycled share of lead", Cir + "recycledContent[Lead].preConsumerShare", P, "%", Static, AttributeLevel.Model, Law + "Art. 8(1), Annex XIII 1(e)",
            [In<RecycledContentDeclared>("shares", where: ("element", "lead"), member: "preConsumer")]),
        new(44, Circularity, "Post-consumer recycled share of nickel", Cir + "recycledContent[Nickel].postConsumerShare", P, "%", Static, AttributeLevel.Model, Law + "Art. 8(1), Annex XIII 1(e)",
            [In<RecycledContentDeclared>("shares", where: ("element", "nickel"), member: "postConsumer")]),
        new(45, Circularity, "Post-consumer recycled share of cobalt", Cir + "recycledContent[Cobalt].postConsumerShare", P, "%", Static, AttributeLevel.Model, Law + "Art. 8(1), Annex XIII 1(e)",
            [In<RecycledContentDeclared>("shares", where: ("element", "cobalt"), member: "postConsumer")]),
        new(46, Circularity, "Post-consumer recycled share of lithium", Cir + "recycledContent[Lithium].postConsumerShare", P, "%", Static, AttributeLevel.Model, Law + "Art. 8(1), Annex XIII 1(e)",
            [In<RecycledContentDeclared>("shares", where: ("element", "lithium"), member: "postConsumer")]),
        new(47, Circularity, "Post-consumer recycled share of lead", Cir + "recycledContent[Lead].postConsumerShare", P, "%", Static, AttributeLevel.Model, Law + "Art. 8(1), Annex XIII 1(e)",
            [In<RecycledContentDeclared>("shares", where: ("element", "lead"), member: "postConsumer")]),
        new(48, Circularity, "Renewable content share", Cir + "renewableContent", P, "%", Static, AttributeLevel.Model, Law + "Annex XIII 1(f)",
            [In<CompositionDeclared>("renewableContent")]),
        new(49, Circularity, "Role of end users: waste prevention", Cir + "endOfLifeInformation.wastePrevention", P, null, Static, AttributeLevel.Model, Law + "Art. 74(1)(a)",
            [In<CircularityDeclared>("wastePrevention")]),
        new(50, Circularity, "Role of end users: separate collection", Cir + "endOfLifeInformation.separateCollection", P, null, Static, AttributeLevel.Model, Law + "Art. 74(1)(b)",
            [In<CircularityDeclared>("separateCollection")]),
        new(51, Circularity, "Collection, preparation for a second life, treatment", Cir + "endOfLifeInformation.informationOnCollection", P, null, Static, AttributeLevel.Model, Law + "Art. 74(1)(c)",
            [In<CircularityDeclared>("collectionAndTreatment")]),

        // Performance and durability.
        new(52, Performance, "Rated capacity", Tp + "ratedCapacity", P, "Ah", Static, AttributeLevel.Model, Law + "Annex VI Part A(6), Annex XIII 1(g) and 4(a), Annex IV Part A(1)",
            [In<ModelDeclared>("ratedCapacity", "model"), In<SecondLifeBegun>("capacity", "item"), In<BatteryPlacedOnMarket>("capacity", "item"), In<BatteryManufactured>("initialCapacity", "item")]),
        new(53, Performance, "Remaining capacity", Bc + "remainingCapacity", U, "Ah", Dynamic, Item, Law + "Annex VII Part A(1), Annex XIII 4(b)",
            [In<HealthMeasured>("remainingCapacity"), In<Assessed>("capacity"), In<SecondLifeBegun>("capacity")]),
        new(54, Performance, "Capacity fade", Bc + "capacityFade", U, "%", Dynamic, Item, Law + "Annex IV Part A(1), Annex XIII 4(a)",
            [In<HealthMeasured>("capacityFade")]),
        new(55, Performance, "Certified usable battery energy", Tp + "ratedEnergy", P, "kWh", Static, AttributeLevel.Model, "UN GTR No. 22",
            [In<ModelDeclared>("ratedEnergy")]),
        new(56, Performance, "Remaining usable battery energy", Bc + "remainingEnergy", U, "kWh", Dynamic, Item, "UN GTR No. 22",
            [In<HealthMeasured>("remainingEnergy")]),
        new(57, Performance, "State of certified energy", Bc + "stateOfCertifiedEnergy", U, "%", Dynamic, Item, Law + "Annex VII Part A, Annex XIII 4(b)",
            [In<HealthMeasured>("stateOfCertifiedEnergy")]),
        new(58, Performance, "State of charge", Bc + "stateOfCharge", U, "%", Dynamic, Item, Law + "Annex XIII 4(d)",
            [In<HealthMeasured>("stateOfCharge")]),
        new(59, Performance, "Minimum voltage", Tp + "minimumVoltage", P, "V", Static, AttributeLevel.Model, Law + "Annex XIII 1(h)",
            [In<ModelDeclared>("minimumVoltage")]),
        new(60, Performance, "Maximum voltage", Tp + "maximumVoltage", P, "V", Static, AttributeLevel.Model, Law + "Annex XIII 1(h)",
            [In<ModelDeclared>("maximumVoltage")]),
        new(61, Performance, "Nominal voltage", Tp + "nominalVoltage", P, "V", Static, AttributeLevel.Model, Law + "Annex XIII 1(h)",
            [In<ModelDeclared>("nominalVoltage")]),
        new(62, Performance, "Original power capability", Tp + "originalPowerCapability", P, "W", Static, AttributeLevel.Model, Law + "Annex XIII 1(i), Annex IV Part B(4)",
            [In<PerformanceDeclared>("powerCapability")]),
        new(63, Performance, "Remaining power capability", Bc + "remainingPowerCapability", U, "W", Dynamic, Item, Law + "Annex VII Part A(2), Annex XIII 4(a) and (b)",
            [In<HealthMeasured>("remainingPowerCapability"), In<BatteryPlacedOnMarket>("powerCapability")]),
        new(64, Performance, "Power fade", Tp + "powerFade", U, "%", Dynamic, Item, Law + "Annex IV Part A(2), Annex XIII 4(a)",
            [In<HealthMeasured>("powerFade")]),
        new(65, Performance, "Maximum permitted power", Tp + "ratedMaximumPower", P, "W", Static, AttributeLevel.Model, Law + "Annex XIII 1(i)",
            [In<PerformanceDeclared>("maximumPower")]),
        new(66, Performance, "Ratio of nominal power to energy", Tp + "powerCapabilityRatio", P, "W/Wh", Static, AttributeLevel.Model, Law + "Annex IV Part B(2)",
            [In<PerformanceDeclared>("powerEnergyRatio")]),
        new(67, Performance, "Initial round trip energy efficiency", Tp + "roundtripEfficiency", P, "%", Static, AttributeLevel.Model, Law + "Annex XIII 1(n), Annex IV Part A(4)",
            [In<PerformanceDeclared>("roundTripEfficiency")]),
        new(68, Performance, "Round trip energy efficiency at half of the cycle life", Tp + "roundTripEfficiencyat50PerCentCycleLife", P, "%", Static, AttributeLevel.Model, Law + "Annex XIII 1(n)",
            [In<PerformanceDeclared>("roundTripEfficiencyAtHalfLife")]),
        new(69, Performance, "Remaining round trip energy efficiency", Bc + "remainingRoundTripEnergyEfficiency", U, "%", Dynamic, Item, Law + "Annex VII Part A(3), Annex XIII 4(a) and (b)",
            [In<HealthMeasured>("roundTripEfficiency"), In<BatteryPlacedOnMarket>("roundTripEfficiency")]),
        new(70, Performance, "Round trip energy efficiency fade", Tp + "roundTripEfficiencyFade", U, "%", Dynamic, Item, Law + "Annex IV Part A(4), Annex XIII 4(a)",
            [In<HealthMeasured>("roundTripEfficiencyFade")]),
        new(71, Performance, "Initial self-discharge rate", Tp + "initialSelfDischarge", U, "%/month", Static, AttributeLevel.Model, null,
            [In<PerformanceDeclared>("selfDischarge")]),
        new(72, Performance, "Current self-discharge rate", Bc + "currentSelfDischargingRate", U, "%/month", Dynamic, Item, null,
            [In<HealthMeasured>("selfDischarge"), In<Assessed>("selfDischarge")]),
        new(73, Performance, "Evolution of self-discharge rates", Bc + "evolutionOfSelfDischarge", U, "%", Dynamic, Item, Law + "Annex VII Part A(4)",
            [In<HealthMeasured>("selfDischargeEvolution")]),
        new(74, Performance, "Initial internal resistance", Tp + "initialInternalResistance", P, "ohm", Static, AttributeLevel.Model, Law + "Annex XIII 1(o), Annex IV Part A(3)",
            [In<PerformanceDeclared>("internalResistance")]),
        new(75, Performance, "Internal resistance increase", Bc + "internalResistanceIncrease", U, "%", Dynamic, Item, Law + "Annex IV Part A(3), Annex VII Part A(5), Annex XIII 4(a)",
            [In<HealthMeasured>("internalResistanceIncrease", "increase"), In<HealthMeasured>("internalResistance", "current"), In<Assessed>("internalResistance", "current"), In<SecondLifeBegun>("internalResistance", "current"), In<BatteryPlacedOnMarket>("internalResistance", "current"), In<BatteryManufactured>("initialInternalResistance", "current")]),
        new(76, Performance, "Expected lifetime in calendar years", Tp + "expectedLifetime", U, "year", Static, AttributeLevel.Model, Law + "Annex IV Part A(5), Annex XIII 4(a)",
            [In<PerformanceDeclared>("expectedLifetime")]),
        new(77, Performance, "Expected lifetime in cycles", Tp + "expectedNumberOfCycles", P, null, Static, AttributeLevel.Model, Law + "Annex XIII 1(j), Annex IV Part A(5)",
            [In<ModelDeclared>("expectedCycles")]),
        new(78, Performance, "Number of full cycles", Bc + "numberOfFullCycles", U, null, Dynamic, Item, Law + "Annex XIII 4(d), Annex VII Part B(5)",
            [In<HealthMeasured>("fullCycles")]),
        new(79, Performance, "Cycle life reference test", Tp + "lifetimeReferenceTest", P, null, Static, AttributeLevel.Model, Law + "Annex XIII 1(j)",
            [In<PerformanceDeclared>("lifetimeReferenceTest")]),
        new(80, Performance, "C-rate of the cycle life test", Tp + "cRateLifeCycleTest", P, "A/Ah", Static, AttributeLevel.Model, Law + "Annex XIII 1(p)",
            [In<PerformanceDeclared>("cycleLifeTestRate")]),
        new(81, Performance, "Energy throughput", Bc + "energyThroughput", U, "kWh", Dynamic, Item, Law + "Annex VII Part B(2)",
            [In<HealthMeasured>("energyThroughput")]),
        new(82, Performance, "Capacity throughput", Bc + "capacityThroughput", U, "Ah", Dynamic, Item, Law + "Annex VII Part B(3)",
            [In<HealthMeasured>("capacityThroughput")]),
        new(83, Performance, "Capacity threshold for exhaustion", Tp + "capacityThresholdForExhaustion", P, "%", Static, AttributeLevel.Model, Law + "Annex XIII 1(k)",
            [In<PerformanceDeclared>("exhaustionThreshold")]),
        new(84, Performance, "Temperature information", Bc + "temperatureInformation", U, "degC", Dynamic, Item, Law + "Annex XIII 4(d)",
            [In<HealthMeasured>("temperatureMinimum", "minimum"), In<HealthMeasured>("temperatureMaximum", "maximum")]),
        new(85, Performance, "Idle temperature range, lower end", Tp + "temperatureRangeIdleState.minimum", P, "degC", Static, AttributeLevel.Model, Law + "Annex XIII 1(l)",
            [In<PerformanceDeclared>("idleTemperatureMinimum")]),
        new(86, Performance, "Idle temperature range, upper end", Tp + "temperatureRangeIdleState.maximum", P, "degC", Static, AttributeLevel.Model, Law + "Annex XIII 1(l)",
            [In<PerformanceDeclared>("idleTemperatureMaximum")]),
        new(87, Performance, "Time above extreme temperature", Bc + "temperatureInformation.timeExtremeHighTemp", U, "min", Dynamic, Item, Law + "Annex VII Part B(4)",
            [In<HealthMeasured>("minutesTooHot")]),
        new(88, Performance, "Time below extreme temperature", Bc + "temperatureInformation.timeExtremeLowTemp", U, "min", Dynamic, Item, Law + "Annex VII Part B(4)",
            [In<HealthMeasured>("minutesTooCold")]),
        new(89, Performance, "Time charging above extreme temperature", Bc + "temperatureInformation.timeExtremeHighTempCharging", U, "min", Dynamic, Item, Law + "Annex VII Part B(4)",
            [In<HealthMeasured>("minutesChargedTooHot")]),
        new(90, Performance, "Time charging below extreme temperature", Bc + "temperatureInformation.timeExtremeLowTempCharging", U, "min", Dynamic, Item, Law + "Annex VII Part B(4)",
            [In<HealthMeasured>("minutesChargedTooCold")]),
        new(91, Performance, "Number of deep discharge events", Bc + "negativeEvents", U, null, Dynamic, Item, Law + "Annex VII Part B(4)",
            [In<HealthMeasured>("deepDischarges")]),
        new(92, Performance, "Number of overcharge events", Bc + "negativeEvents", U, null, Dynamic, Item, null,
            [In<HealthMeasured>("overcharges")]),
        new(93, Performance, "Accidents and other negative events", Bc + "negativeEvents", U, null, Dynamic, Item, Law + "Annex XIII 4(d)",
            [In<IncidentReported>("kind", "kind"), In<IncidentReported>("severity", "severity"), In<IncidentReported>("finding", "finding"), In<IncidentReported>("report", "report")]) { IsHistory = true },
    ];

    /// <summary>The attribute of a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static StandardAttribute Of(int number) => All[number - 1];

    private static AttributeSource In<T>(string claim, string? part = null, (string Member, string Value)? where = null, string? member = null)
        where T : LifecycleEvent => new(EventCatalog.Of<T>().Name, claim) { Part = part, Where = where, Member = member };
}
