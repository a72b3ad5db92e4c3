using CriticalMinerals.Lifecycle.Manufacturing;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>The 71 data points. The three letters stand for vehicle, light transport and industrial: M mandatory, C conditional, N not to be filled, F deferred, O optional.</summary>
public static class DataPoints
{
    /// <summary>All of them, by number.</summary>
    public static IReadOnlyList<DataPoint> All { get; } =
    [
        Of(1, "Unique identifier", "MMM", 1, new(2, "item")),
        Of(2, "Responsible operator", "MMM", 3),
        Of(3, "Manufacturer: name", "MMM", new AttributePart(4, "name")),
        Of(4, "Manufacturer: postal address", "MMM", new AttributePart(4, "contact")),
        Of(5, "Manufacturer: web and mail address", "OOO", new AttributePart(4, "contact")),
        Of(6, "Category", "MMM", 9),
        Of(7, "Identification of model, batch or serial", "MMM", new AttributePart(2, "model")),
        Of(8, "Place of manufacture", "MMM", 5),
        Of(9, "Date of manufacture", "MMM", 6),
        Of(10, "Mass", "MMM", 10),
        Of(11, "Rated capacity", "MMM", new AttributePart(52, "model")),
        Of(12, "Chemistry", "MMM", new AttributePart(31, "shortName")),
        Of(13, "Hazardous substances", "MMM", 34),
        Of(14, "Extinguishing agent", "MMM", new AttributePart(15, "agents")),
        Of(15, "Critical raw materials", "MMM", 32),
        Of(16, "Material composition, said by 12, 13 and 15", "NNN"),
        Of(17, "Carbon footprint declaration", "FFF", 19, 20, 21, 22, 23, 25, 26),
        Of(18, "Carbon footprint label and class", "FFF", 14, 24),
        Of(19, "Due diligence report", "FFF", 28),
        Of(20, "Recycled content: cobalt", "FFF", 41, 45),
        Of(21, "Recycled content: lithium", "FFF", 42, 46),
        Of(22, "Recycled content: nickel", "FFF", 40, 44),
        Of(23, "Recycled content: lead", "FFF", 43, 47),
        Of(24, "Renewable content", "MMM", 48),
        Of(25, "Rated capacity, said by 11", "NNN"),
        Of(26, "Minimum voltage", "MMM", 59),
        Of(27, "Nominal voltage", "MMM", 61),
        Of(28, "Maximum voltage", "MMM", 60),
        Of(29, "Original power capability", "MMM", 62),
        Of(30, "Power limits", "MMM", 65),
        Of(31, "Expected lifetime in cycles", "MMC", 77),
        Of(32, "Reference test of the lifetime", "MMC", 79),
        Of(33, "Capacity threshold for exhaustion", "MNN", 83),
        Of(34, "Temperature range when not in use", "MMM", 85, 86),
        Of(35, "Commercial warranty", "CCC", 8),
        Of(36, "Initial round trip energy efficiency", "MMC", 67),
        Of(37, "Round trip energy efficiency at half of the cycle life", "MMC", 68),
        Of(38, "Initial internal resistance", "MMM", 74),
        Of(39, "C-rate of the cycle life test", "MMC", 80),
        Of(40, "Separate collection symbol", "MMM", 12),
        Of(41, "Symbols for cadmium and lead", "CCC", 13),
        Of(42, "EU declaration of conformity", "MMM", new AttributePart(17, "document")),
        Of(43, "Information for end users", "MMM", 16, 35, 49, 50, 51),
        Of(44, "Instructions for use to be printed", "FFF"),
        Of(45, "Detailed composition", "MMM", 33),
        Of(46, "Part numbers of components", "MMM", 37),
        Of(47, "Sources of spare parts", "MMM", 38),
        Of(48, "Dismantling information", "MMM", 36),
        Of(49, "Safety measures", "MMM", 39),
        Of(50, "Results of test reports", "MMM", 18),
        Of(51, "Rated capacity of the single battery", "MMC", new AttributePart(52, "item")),
        Of(52, "Capacity fade", "MMC", 54),
        Of(53, "Power of the single battery", "MMC", 63),
        Of(54, "Power fade", "MMC", 64),
        Of(55, "Internal resistance of the single battery", "MMC", new AttributePart(75, "current")),
        Of(56, "Internal resistance increase", "MMC", new AttributePart(75, "increase")),
        Of(57, "Round trip energy efficiency of the single battery", "CCC", 69),
        Of(58, "Round trip energy efficiency fade", "CCC", 70),
        Of(59, "Expected lifetime of the single battery in cycles", "MMC", 77),
        Of(60, "Expected lifetime in calendar years", "MMC", 76),
        Of(61, "State of certified energy", "MNN", 57),
        Of(62, "Remaining capacity", "NMC", 53),
        Of(63, "Remaining power capability", "NMC", 63),
        Of(64, "Remaining round trip energy efficiency", "NMC", 69),
        Of(65, "Evolution of self-discharge rates", "NMC", 73),
        Of(66, "Ohmic resistance", "NMC", new AttributePart(75, "current")),
        Of(67, "Battery status", "MMM", 11),
        Of(68, "Number of full cycles", "CCC", 78),
        Of(69, "Negative events", "CCC", 93),
        Of(70, "Temperature information", "CCC", 84),
        Of(71, "State of charge", "CCC", 58),
    ];

    /// <summary>What is asked of a category.</summary>
    public static Requirement For(this DataPoint point, BatteryCategory category) => category switch
    {
        BatteryCategory.Ev => point.Vehicle,
        BatteryCategory.Lmt => point.LightTransport,
        _ => point.Industrial,
    };

    private static DataPoint Of(int number, string title, string letters, params AttributePart[] attributes) =>
        new(number, title, Read(letters[0]), Read(letters[1]), Read(letters[2]), attributes);

    private static Requirement Read(char letter) => letter switch
    {
        'M' => Requirement.Mandatory,
        'C' => Requirement.Conditional,
        'N' => Requirement.NotToBeFilled,
        'F' => Requirement.Deferred,
        'O' => Requirement.Optional,
        _ => throw new ArgumentOutOfRangeException(nameof(letter)),
    };
}
