using System.ComponentModel;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The section of a model's sheet for those who take it apart, repair it, or give it back; said again, it replaces what it said before.</summary>
[Description("The section of a model's sheet on dismantling, spare parts, safety and end of life.")]
public sealed record CircularityDeclared : LifecycleEvent
{
    [Informative("How end users help to prevent waste.", Law = "Regulation (EU) 2023/1542 Art. 74(1)(a)")]
    public Document? WastePrevention { get; init; }

    [Informative("How end users hand batteries in separately.", Law = "Regulation (EU) 2023/1542 Art. 74(1)(b)")]
    public Document? SeparateCollection { get; init; }

    [Informative("Collection, preparation for second life and treatment.", Law = "Regulation (EU) 2023/1542 Art. 74(1)(c)")]
    public Document? CollectionAndTreatment { get; init; }

    [Confidential(AccessClass.R, "Exploded diagrams, sequence, fastenings, tools, warnings, number and layout of cells.", Law = "Regulation (EU) 2023/1542 Annex XIII 2(c)")]
    public IReadOnlyList<Document>? Dismantling { get; init; }

    [Confidential(AccessClass.R, "Part numbers of components and who sells them.", Law = "Regulation (EU) 2023/1542 Annex XIII 2(b)")]
    public IReadOnlyList<SparePart>? SpareParts { get; init; }

    [Confidential(AccessClass.R, "Safety measures.", Law = "Regulation (EU) 2023/1542 Annex XIII 2(d), Art. 74(2)")]
    public Document? Safety { get; init; }

    public override ChainState Apply(Situation now) => now.Chain!;
}

/// <summary>A component that can be replaced.</summary>
public sealed record SparePart
{
    [Description("Name.")]
    [Text(MaximumLength = 200)]
    [Example("module 12s2p")]
    public required string Name { get; init; }

    [Description("Part number.")]
    [Text(MaximumLength = 100)]
    [Example("HE-M122-04")]
    public required string PartNumber { get; init; }

    [Description("Who sells it: name and address.")]
    [Text(MaximumLength = 300)]
    [Example("Havel Energy Packs GmbH, https://havel-energy.example/parts")]
    public required string Source { get; init; }
}
