using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>What ended a passport.</summary>
public enum ClosingReason
{
    /// <summary>The battery was recycled (Art. 77(8)).</summary>
    Recycled,

    /// <summary>It went to final disposal.</summary>
    Disposed,

    /// <summary>Its chain was a mistake and was undone.</summary>
    Voided,

    /// <summary>Another battery was made of it, under a passport of its own (Art. 77(6) and (7)).</summary>
    Succeeded,
}

/// <summary>The end of a passport.</summary>
public sealed record PassportClosing
{
    [Description("What ended it.")]
    public required ClosingReason Reason { get; init; }

    [Description("The chain that goes on in its place, where one does.")]
    public string? Successor { get; init; }

    [Description("When it happened, as the signer claims.")]
    public required DateTimeOffset OccurredAt { get; init; }

    [Description("The entry that ended it.")]
    public required Provenance Provenance { get; init; }
}

/// <summary>A battery given up and not yet taken.</summary>
public sealed record PassportRelease
{
    [Description("For what.")]
    public required LinePurpose Operation { get; init; }

    [Description("When, as the signer claims.")]
    public required DateTimeOffset OccurredAt { get; init; }

    [Description("The entry that gave it up.")]
    public required Provenance Provenance { get; init; }
}

/// <summary>A battery that is missing.</summary>
public sealed record PassportLoss
{
    [Description("lost or stolen.")]
    public required string Kind { get; init; }

    [Description("Since when, as the signer claims.")]
    public required DateTimeOffset OccurredAt { get; init; }

    [Description("The report.")]
    public required Provenance Provenance { get; init; }
}

/// <summary>A battery that was taken to another country.</summary>
public sealed record PassportExport
{
    [Description("Country of destination, ISO 3166-1 alpha-2.")]
    public required string Country { get; init; }

    [Description("Whether it left as waste.")]
    public required bool AsWaste { get; init; }

    [Description("When, as the signer claims.")]
    public required DateTimeOffset OccurredAt { get; init; }

    [Description("The entry that says so.")]
    public required Provenance Provenance { get; init; }
}

/// <summary>A recall that nobody has ended.</summary>
public sealed record PassportRecall
{
    [Description("What is called back: the battery's chain, its model's, or that of a lot, a part or an earlier battery that went in.")]
    public required string Chain { get; init; }

    [Description("Why.")]
    public required string Reason { get; init; }

    [Description("What to do.")]
    public required string Action { get; init; }

    [Description("low, medium, high or serious (Decision (EU) 2019/417).")]
    public required string Risk { get; init; }

    [Description("Number of the recall.")]
    public string? Number { get; init; }

    [Description("When, as the signer claims.")]
    public required DateTimeOffset OccurredAt { get; init; }

    [Description("The entry that calls back.")]
    public required Provenance Provenance { get; init; }
}

/// <summary>A name that the battery no longer has.</summary>
public sealed record PassportFormerAlias
{
    [Description("Naming system.")]
    public required string Scheme { get; init; }

    [Description("The name.")]
    public required string Value { get; init; }

    [Description("Leaf hash of the entry that struck it.")]
    public required Digest StruckBy { get; init; }
}

/// <summary>A battery from which this one, or a part of it, came.</summary>
public sealed record PassportPredecessor
{
    [Description("Name of its chain.")]
    public required string Battery { get; init; }

    [Description("What it was given for: an operation of second life (Art. 3(29) to (32)), or as part.")]
    public required LinePurpose Operation { get; init; }

    [Description("Leaf hash of its entry that gave.")]
    public required Digest GivenBy { get; init; }

    [Description("Line of that entry.")]
    public required int Line { get; init; }

    [Description("Leaf hash of this battery's entry that took.")]
    public required Digest TakenBy { get; init; }
}

/// <summary>A chain that took this battery, or something of it.</summary>
public sealed record PassportSuccessor
{
    [Description("Name of the chain.")]
    public required string Chain { get; init; }

    [Description("What it was given for: an operation of second life, as part, or recovered material.")]
    public required LinePurpose Operation { get; init; }

    [Description("Leaf hash of this battery's entry that gave.")]
    public required Digest GivenBy { get; init; }

    [Description("Line of that entry.")]
    public required int Line { get; init; }

    [Description("Leaf hash of the entry that took.")]
    public required Digest TakenBy { get; init; }

    [Description("Wire name of the event that took.")]
    public required string Event { get; init; }

    [Description("The operator that took.")]
    public required PassportOperator Operator { get; init; }
}
