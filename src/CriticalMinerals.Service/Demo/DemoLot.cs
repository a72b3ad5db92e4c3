namespace CriticalMinerals.Service.Demo;

/// <summary>Chain names of the demo's lots and consignments.</summary>
public static class DemoLot
{
    public const string LithiumCarbonate = Root + "01";
    public const string NickelConcentrate = Root + "02";
    public const string CobaltHydroxide = Root + "03";
    public const string FlakeGraphite = Root + "04";
    public const string LithiumHydroxide = Root + "05";
    public const string NickelSulphate = Root + "06";
    public const string CobaltSulphate = Root + "07";
    public const string ManganeseSulphate = Root + "08";
    public const string SphericalGraphite = Root + "09";
    public const string Electrolyte = Root + "0a";
    public const string Anode = Root + "0b";
    public const string FirstPrecursor = Root + "0c";
    public const string FirstCathode = Root + "0d";
    public const string UsedModules = Root + "0e";
    public const string BlackMass = Root + "0f";
    public const string RecoveredCobalt = Root + "10";
    public const string SecondPrecursor = Root + "11";
    public const string SecondCathode = Root + "12";
    public const string FirstCells = Root + "13";
    public const string FirstModules = Root + "14";
    public const string SecondCells = Root + "15";
    public const string SecondModules = Root + "16";

    private const string Root = "urn:uuid:1a6f1c52-9c04-4d6e-8a34-0a4f6d5f1e";
}

/// <summary>What one campaign of the cell maker and the pack maker turned into modules.</summary>
/// <param name="Cathode">Cathode material that went in.</param>
/// <param name="Cells">The cells.</param>
/// <param name="Modules">The modules.</param>
/// <param name="CellCount">How many cells.</param>
/// <param name="ModuleCount">How many modules, of twelve cells each.</param>
/// <param name="CathodeMass">Cathode material, in kilograms: four thirds a cell.</param>
/// <param name="AnodeMass">Anode material, in kilograms.</param>
/// <param name="ElectrolyteMass">Electrolyte, in kilograms.</param>
/// <param name="MadeDaysAgo">When the cells were made.</param>
/// <param name="FirstSerial">Serial of the first module.</param>
public sealed record DemoBatch(
    string Cathode, string Cells, string Modules, int CellCount, int ModuleCount, string CathodeMass, string AnodeMass, string ElectrolyteMass, int MadeDaysAgo, int FirstSerial)
{
    /// <summary>Enough for three batteries and a spare module.</summary>
    public static readonly DemoBatch First = new(DemoLot.FirstCathode, DemoLot.FirstCells, DemoLot.FirstModules, 7200, 25, "9600", "6200", "4300", 1800, 4001);

    /// <summary>A small one, of cathode material that holds recovered cobalt.</summary>
    public static readonly DemoBatch Second = new(DemoLot.SecondCathode, DemoLot.SecondCells, DemoLot.SecondModules, 180, 8, "240", "155", "107.5", 600, 9101);

    /// <summary>Cells in a module.</summary>
    public const int CellsInAModule = 12;

    /// <summary>Modules in a battery.</summary>
    public const int ModulesInABattery = 8;

    /// <summary>Codes marked on the modules.</summary>
    public IReadOnlyList<string> Codes(DemoCalendar calendar) =>
        [.. Enumerable.Range(FirstSerial, ModuleCount).Select(serial => calendar.Code("0HPME0766MD001", MadeDaysAgo - 40, serial))];
}
