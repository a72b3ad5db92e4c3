using System.ComponentModel;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// What a battery's entries say, for one audience: folded from entries alone, so that anybody who holds them gets the same bytes. It names for every
/// value the signed statement that it was taken from. The order of members here is the order in its JSON form.
/// </summary>
public sealed record BatteryPassport
{
    /// <summary>Name of the document's schema.</summary>
    public const string SchemaName = "passport.v1";

    [Description("Name of this schema.")]
    public string Schema { get; } = SchemaName;

    [Description("Unique identifier of the battery: the name of its chain (Regulation (EU) 2023/1542 Art. 77(3)).")]
    public required string Battery { get; init; }

    [Description("The passport is of one battery, never of a model or batch.")]
    public string Granularity { get; } = "item";

    [Description("The log that the entries stand in; those with an index below 0 stand in the logs that it goes on from.")]
    public required string Log { get; init; }

    [Description("Leaf hash of the newest entry of the battery's chain.")]
    public required Digest Head { get; init; }

    [Description("For whom this document is made. Values that this audience may not see are withheld.")]
    public required Audience Audience { get; init; }

    [Description("Battery status (Regulation (EU) 2023/1542 Annex XIII 4(c)).")]
    public required BatteryStatus Status { get; init; }

    [Description("Status of the record: closed when recycling, disposal, undoing or a successor ended it.")]
    public required RecordStatus RecordStatus { get; init; }

    [Description("What ended it, when it is closed.")]
    public PassportClosing? Closed { get; init; }

    [Description("Present while the battery is given up and nobody has taken it yet.")]
    public PassportRelease? Released { get; init; }

    [Description("Present while the battery is reported as lost or stolen.")]
    public PassportLoss? Missing { get; init; }

    [Description("Present when the battery was taken to another country: the newest statement.")]
    public PassportExport? Exported { get; init; }

    [Description("Recalls in force on the battery, on its model and, as far as their chains are shown, on what went in.")]
    public required IReadOnlyList<PassportRecall> Recalls { get; init; }

    [Description("When the newest entry that this document rests on was recorded.")]
    public required DateTimeOffset LastUpdated { get; init; }

    [Description("The economic operator responsible for the battery and its passport (Art. 77(4)).")]
    public required PassportOperator Responsible { get; init; }

    [Description("The operator to whom that responsibility is offered and who has not accepted it yet.")]
    public PassportOperator? OfferedTo { get; init; }

    [Description("Chain of the model's data sheet.")]
    public required string Model { get; init; }

    [Description("Names of the battery in other systems.")]
    public required IReadOnlyList<PassportAlias> Aliases { get; init; }

    [Description("Names that it had and that lead here no more.")]
    public required IReadOnlyList<PassportFormerAlias> FormerAliases { get; init; }

    [Description("Batteries from which this one or parts of it came.")]
    public required IReadOnlyList<PassportPredecessor> Predecessors { get; init; }

    [Description("Chains that took this battery or something of it: those that this audience may read.")]
    public required IReadOnlyList<PassportSuccessor> Successors { get; init; }

    [Description("The 93 attributes of DIN DKE SPEC 99100:2025-02, in their order, with what holds of each.")]
    public required IReadOnlyList<PassportDatum> Data { get; init; }

    [Description("What of the Commission's guidance is filled; absent when the model's category is not known.")]
    public PassportCoverage? Coverage { get; init; }

    [Description("Everything that is stated about the battery and its model, claim by claim, with what was said before and what was corrected.")]
    public required IReadOnlyList<PassportAttribute> Attributes { get; init; }

    [Description("Parts and materials that went in.")]
    public required IReadOnlyList<PassportInput> Inputs { get; init; }

    [Description("Whether some or all of them have no giver's signature: not traced.")]
    public required bool InputsNotTraced { get; init; }

    [Description("The chains that gave them, and those that gave to these in turn, nearest first: those that this audience may read.")]
    public required IReadOnlyList<PassportGiver> Givers { get; init; }

    [Description("Where its elements are from, computed from its lots as far as this audience may see their quantities.")]
    public PassportMaterials? Materials { get; init; }

    [Description("What does not fit together in what was signed, as far as this audience may see it. Computed, never signed; gone when a correction resolves it.")]
    public required IReadOnlyList<PassportFinding> Findings { get; init; }

    [Description("Rules that could not judge everything, because values that they need are withheld.")]
    public required IReadOnlyList<PassportUnjudged> Unjudged { get; init; }

    [Description("Everything that happened to the battery, in order.")]
    public required IReadOnlyList<PassportStep> Timeline { get; init; }
}

/// <summary>Whether the passport still goes on.</summary>
public enum RecordStatus
{
    Active,
    Closed,
}

/// <summary>An operator, by identifier and name.</summary>
public sealed record PassportOperator
{
    [Description("The operator's DID.")]
    public required string Id { get; init; }

    [Description("Its name as enrolled; absent for a natural person.")]
    public string? Name { get; init; }
}

/// <summary>Another name of the battery.</summary>
public sealed record PassportAlias
{
    [Description("Naming system.")]
    public required string Scheme { get; init; }

    [Description("The name.")]
    public required string Value { get; init; }

    [Description("granted: unique and resolves. declared: somebody else's name, never outranks a granted one.")]
    public required AliasBasis Basis { get; init; }

    [Description("The statement.")]
    public required Provenance Provenance { get; init; }
}

/// <summary>One attribute with everything that was stated of it.</summary>
public sealed record PassportAttribute
{
    [Description("Event that states it.")]
    public required string Event { get; init; }

    [Description("Its wire name there.")]
    public required string Name { get; init; }

    [Description("What it is, for people.")]
    public required string Description { get; init; }

    [Description("Unit of its value.")]
    public string? Unit { get; init; }

    [Description("Access class: P public, R legitimate interest and authorities, C authorities, U legitimate interest.")]
    public required AccessClass Access { get; init; }

    [Description("Where the law or a standard asks for it.")]
    public string? Law { get; init; }

    [Description("Statements, newest first. The first that is not corrected holds.")]
    public required IReadOnlyList<PassportStatement> Statements { get; init; }

    /// <summary>The statement that holds: the newest that no correction replaced.</summary>
    internal PassportStatement? Current => Statements.FirstOrDefault(s => s.CorrectedBy is null);
}

/// <summary>One signed statement of a value.</summary>
public sealed record PassportStatement
{
    [Description("The value as signed; absent when withheld.")]
    public JsonElement? Value { get; init; }

    [Description("The value is not for this audience. Which of the withheld values of an entry were given at all is withheld with them.")]
    public bool? Withheld { get; init; }

    [Description("When it was so, as the signer claims.")]
    public required DateTimeOffset OccurredAt { get; init; }

    [Description("Where it is signed.")]
    public required Provenance Provenance { get; init; }

    [Description("Leaf hash of the entry whose value this one replaces.")]
    public Digest? Corrects { get; init; }

    [Description("Leaf hash of the correction that replaced this value. The original stays.")]
    public Digest? CorrectedBy { get; init; }

    [Description("The key that signed was reported as compromised from an earlier index on.")]
    public bool? Disputed { get; init; }
}

/// <summary>Where a value is signed.</summary>
public sealed record Provenance
{
    [Description("Leaf hash of the entry.")]
    public required Digest Entry { get; init; }

    [Description("JSON pointer (RFC 6901) into the entry's payload: the value in clear, or the digests that hold it.")]
    public required string Pointer { get; init; }

    [Description("Index of the entry in the log; below 0 in a log that this one goes on from, whose last entry has -1.")]
    public required long Index { get; init; }

    [Description("The operator that signed.")]
    public required PassportOperator Signer { get; init; }

    [Description("When the log recorded it.")]
    public required DateTimeOffset RecordedAt { get; init; }
}

/// <summary>A part or material taken.</summary>
public sealed record PassportInput
{
    [Description("Leaf hash of the entry that gave it.")]
    public required Digest Entry { get; init; }

    [Description("Line of that entry.")]
    public required int Line { get; init; }

    [Description("How much, in the giver's unit, for audiences that may see it.")]
    public string? Quantity { get; init; }

    [Description("The chain that gave it, one of givers; absent when it is closed to this audience.")]
    public string? Giver { get; init; }
}

/// <summary>A chain that gave a part or material.</summary>
public sealed record PassportGiver
{
    [Description("Name of the chain.")]
    public required string Chain { get; init; }

    [Description("lot, component, consignment or battery.")]
    public required ChainKind Kind { get; init; }

    [Description("The operator that opened it.")]
    public required PassportOperator Operator { get; init; }

    [Description("What is stated of it; of a battery how it began and its recalls, the rest stands in its own passport.")]
    public required IReadOnlyList<PassportAttribute> Attributes { get; init; }

    [Description("What went into it in turn.")]
    public required IReadOnlyList<PassportInput> Inputs { get; init; }

    [Description("Said when some or all of that has no giver's signature.")]
    public bool? InputsNotTraced { get; init; }

    [Description("Some entry of the chain was signed with a key that was reported as compromised.")]
    public bool? Disputed { get; init; }
}

/// <summary>One entry of the battery's chain.</summary>
public sealed record PassportStep
{
    [Description("Leaf hash of the entry.")]
    public required Digest Entry { get; init; }

    [Description("Index of the entry in the log; below 0 in a log that this one goes on from, whose last entry has -1.")]
    public required long Index { get; init; }

    [Description("Position in the battery's chain.")]
    public required long Sequence { get; init; }

    [Description("Wire name of the event.")]
    public required string Event { get; init; }

    [Description("The operator that signed.")]
    public required PassportOperator Signer { get; init; }

    [Description("The operator for whom it signed, when it is a delegate.")]
    public PassportOperator? Principal { get; init; }

    [Description("When it happened, as the signer claims.")]
    public required DateTimeOffset OccurredAt { get; init; }

    [Description("When the log recorded it.")]
    public required DateTimeOffset RecordedAt { get; init; }

    [Description("What it states in clear, in short.")]
    public string? Summary { get; init; }

    [Description("How many of its digests are withheld from this audience.")]
    public int? Withheld { get; init; }

    [Description("Leaf hash of the entry that this one corrects.")]
    public Digest? Corrects { get; init; }

    [Description("Leaf hashes of the corrections of this entry.")]
    public IReadOnlyList<Digest>? CorrectedBy { get; init; }

    [Description("The key that signed was reported as compromised from an earlier index on.")]
    public bool? Disputed { get; init; }
}
