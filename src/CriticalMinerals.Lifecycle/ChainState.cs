using System.Text.Json;
using System.Text.Json.Serialization;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>What a chain is about. Decided by its first entry; names alone do not tell a lot from a component.</summary>
public enum ChainKind
{
    Log,
    Operator,
    Grants,
    Model,
    Lot,
    Component,
    Consignment,
    Battery,
}

/// <summary>
/// What the rules need to know of a chain after some of its entries; small whatever the chain's length. Written only by events, rebuilt by replay,
/// never believed by an auditor.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "state")]
[JsonDerivedType(typeof(LogState), "log")]
[JsonDerivedType(typeof(OperatorState), "operator")]
[JsonDerivedType(typeof(GrantsState), "grants")]
[JsonDerivedType(typeof(ModelState), "model")]
[JsonDerivedType(typeof(StockState), "stock")]
[JsonDerivedType(typeof(BatteryState), "battery")]
public abstract record ChainState
{
    /// <summary>The chain's name.</summary>
    public required string Subject { get; init; }

    /// <summary>What it is about.</summary>
    [JsonIgnore]
    public abstract ChainKind Kind { get; }

    /// <summary>The operator on whose right the first entry stands.</summary>
    public required string Opener { get; init; }

    /// <summary>Sequence of the newest entry.</summary>
    public long Sequence { get; init; }

    /// <summary>Leaf hash of the newest entry.</summary>
    [JsonConverter(typeof(DigestConverter))]
    public Digest Head { get; init; }

    /// <summary>The operator that acts on the chain: responsible for the battery, holder of the lot or part.</summary>
    [JsonIgnore]
    public virtual string Keeper => Opener;

    /// <summary>Whether strangers may read the chain.</summary>
    [JsonIgnore]
    public virtual bool IsOpen => true;

    /// <summary>The state as storage keeps it. Nobody signs it: it may change its form with the program, and replay makes it anew.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, EventJson.Options);

    /// <summary>The state that <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are something else.</exception>
    public static ChainState FromBytes(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<ChainState>(bytes, EventJson.Options)!;
}

/// <summary>The log's own chain: its authority, recovery, head and log keys.</summary>
public sealed record LogState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Log;

    public required KeyRing Keys { get; init; }
}

/// <summary>An operator: keys and roles. Key chains stay short, so grants stand on a chain of their own.</summary>
public sealed record OperatorState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Operator;

    public required KeyRing Keys { get; init; }

    public required IReadOnlyList<Values.Role> Roles { get; init; }
}

/// <summary>What an operator was granted (identifier prefixes) and what it lets others do in its name.</summary>
public sealed record GrantsState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Grants;

    public IReadOnlyList<GrantedIdentifier> Identifiers { get; init; } = [];

    public IReadOnlyList<Delegation> Delegations { get; init; } = [];

    /// <summary>Whether some granted prefix of the scheme covers the value.</summary>
    public bool Covers(string scheme, string value) =>
        Identifiers.Any(i => i.Scheme == scheme && value.StartsWith(i.Prefix, StringComparison.Ordinal));

    /// <summary>Whether the delegate may append this event to this chain.</summary>
    public bool Allows(string delegatedTo, string eventName, string subject) =>
        Delegations.Any(d => d.To == delegatedTo && d.Events.Contains(eventName) && (d.Chains is null || d.Chains.Contains(subject)));
}

/// <summary>A prefix of a naming scheme that only its holder may open chains or give aliases under.</summary>
public sealed record GrantedIdentifier(string Scheme, string Prefix);

/// <summary>A standing permission to sign for the chain's operator.</summary>
/// <param name="Entry">Leaf hash of the <c>delegated</c> entry; its revocation names it.</param>
/// <param name="To">The delegate.</param>
/// <param name="Events">Wire names that it may sign.</param>
/// <param name="Chains">On which chains; null for every chain.</param>
public sealed record Delegation(
    [property: JsonConverter(typeof(DigestConverter))] Digest Entry, string To, IReadOnlyList<string> Events, IReadOnlyList<string>? Chains);

/// <summary>A model data sheet, one per model and plant.</summary>
public sealed record ModelState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Model;
}

/// <summary>
/// Something with a quantity that is given on in lines: a lot of material, a batch of parts or one part, a consignment.
/// </summary>
public sealed record StockState : ChainState
{
    public required ChainKind StockKind { get; init; }

    [JsonIgnore]
    public override ChainKind Kind => StockKind;

    /// <summary>Whether strangers may read the chain: said once, in its first entry.</summary>
    public required bool Open { get; init; }

    [JsonIgnore]
    public override bool IsOpen => Open;

    /// <summary><c>kg</c> of material or <c>pieces</c>; null in an excerpt of a log that does not hold the giver's chain.</summary>
    public required string? Unit { get; init; }

    /// <summary>How much there is to give, in <see cref="Unit"/>; null when its disclosure is withheld from this replay.</summary>
    public required decimal? Total { get; init; }

    /// <summary>How much was given and not taken back; null when a quantity was withheld from this replay.</summary>
    public decimal? Given { get; init; } = 0;

    /// <summary>Lines given and not taken back.</summary>
    public int Lines { get; init; }
}

/// <summary>One battery.</summary>
public sealed record BatteryState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Battery;

    /// <summary>The economic operator responsible for the battery and its passport (Regulation (EU) 2023/1542 Art. 77(4)).</summary>
    public required string Responsible { get; init; }

    [JsonIgnore]
    public override string Keeper => Responsible;

    /// <summary>The model sheet's chain.</summary>
    public required string Model { get; init; }

    /// <summary>Whether it was placed on the market.</summary>
    public bool OnMarket { get; init; }
}

/// <summary>A line given by an entry: a commitment that one receiver can redeem once.</summary>
/// <param name="Giver">The giving chain.</param>
/// <param name="Commitment">What the opening must hash to.</param>
/// <param name="Unit"><c>kg</c> or <c>pieces</c>; null in an excerpt of a log that does not hold the giver's chain.</param>
/// <param name="Quantity">How much; null when withheld from this replay.</param>
public sealed record GivenLine(string Giver, Digest Commitment, string? Unit, decimal? Quantity)
{
    /// <summary>Leaf hash of the entry that redeemed it.</summary>
    public Digest? TakenBy { get; init; }

    /// <summary>Taken back by its giver.</summary>
    public bool Withdrawn { get; init; }
}

/// <summary>Where an entry stands and what it is: what later entries may ask about it.</summary>
public readonly record struct EntryFact(long Index, string Subject, string Event, string Issuer);

/// <summary>Digests as their 43 characters.</summary>
internal sealed class DigestConverter : JsonConverter<Digest>
{
    public override Digest Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString(), out var digest) ? digest : throw new System.Text.Json.JsonException("not a digest");

    public override void Write(System.Text.Json.Utf8JsonWriter writer, Digest value, System.Text.Json.JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
