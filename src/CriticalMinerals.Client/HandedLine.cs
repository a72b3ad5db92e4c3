using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Client;

/// <summary>
/// What a giver hands to the receiver of one line, beside the goods: the opening that takes it, the giving entry with its receipt, and the disclosures of
/// this line alone. Whoever has it can show, not take: only the operator named signs for it. Travels as JSON.
/// </summary>
public sealed record HandedLine
{
    /// <summary>Longest JSON text, in bytes (256 KiB).</summary>
    public const int MaximumLength = 256 * 1024;

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
    };

    /// <summary>Index into the entry's <c>out</c>.</summary>
    public required int Line { get; init; }

    /// <summary>22 base64url characters.</summary>
    public required string Opening { get; init; }

    /// <summary>The chain that takes it.</summary>
    public required string To { get; init; }

    /// <summary>The operator that takes it.</summary>
    public required string Operator { get; init; }

    /// <summary>The giving entry's leaf.</summary>
    public required string Entry { get; init; }

    /// <summary>Disclosures of the line's quantity and codes.</summary>
    public required IReadOnlyList<string> Disclosures { get; init; }

    /// <summary>The giving entry's receipt.</summary>
    public required string Receipt { get; init; }

    /// <summary>What the taking entry puts in <c>in</c>.</summary>
    public Redemption ToRedemption() => new(Digest.OfLeaf(Encoding.ASCII.GetBytes(Entry)), Line, Opening);

    /// <summary>The JSON text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Form) + "\n";

    /// <summary>Reads the JSON text; what it says is checked by <see cref="Verify(IReadOnlyCollection{NoteVerifier}, out Quantity)"/>.</summary>
    public static HandedLine? Parse(ReadOnlySpan<byte> utf8, out Fault? fault)
    {
        fault = utf8.Length > MaximumLength ? new Fault(Failure.TooLarge, $"A line handed over has at most {MaximumLength} bytes.") : null;
        if (fault is not null || StrictJson.Parse(utf8, out fault) is not { } json)
        {
            return null;
        }

        try
        {
            return json.Deserialize<HandedLine>(Form);
        }
        catch (JsonException)
        {
            fault = new Fault(Failure.JsonMalformed, "A line handed over is an object with line, opening, to, operator, entry, disclosures and receipt.");
            return null;
        }
    }

    /// <summary>
    /// Null when the giving entry stands in the log, its line is the one this opening opens for this chain and operator, and the quantity is what the giver
    /// signed. Whether somebody took the line already, only the log knows.
    /// </summary>
    /// <param name="logKeys">The keys that sign the log's checkpoints.</param>
    /// <param name="quantity">How much, in the giving chain's unit.</param>
    public Fault? Verify(IReadOnlyCollection<NoteVerifier> logKeys, out Quantity quantity) => Verify(new TrustPolicy(logKeys), out quantity);

    /// <summary>The same under a policy: the quorum of its witnesses has cosigned the receipt's checkpoint too.</summary>
    public Fault? Verify(TrustPolicy policy, out Quantity quantity)
    {
        quantity = default;
        if (Ledger.Entry.Parse(Encoding.UTF8.GetBytes(Entry), out var fault) is not { } entry ||
            SignedEntry.Join(entry, Disclosures, complete: false, out fault) is not { } signed ||
            Ledger.Receipt.Parse(Receipt, out fault) is not { } receipt)
        {
            return fault;
        }

        if (receipt.Verify(entry.LeafHash, policy, out var checkpoint) is { } unproven)
        {
            return unproven;
        }

        if (checkpoint!.Origin != entry.Origin)
        {
            return new Fault(Failure.LogForeign, $"The receipt is of {checkpoint.Origin}, the entry for {entry.Origin}.");
        }

        if (Line < 0 || Line >= entry.Given.Count || Commitment.To(To, Operator, Opening) != entry.Given[Line])
        {
            return new Fault(Failure.ReferenceMalformed, "The opening does not open this line for the chain and operator named.");
        }

        if (signed.Property(string.Create(CultureInfo.InvariantCulture, $"q{Line}")) is not { } stated)
        {
            return new Fault(Failure.DisclosureMissing, "The line's quantity was not handed over.");
        }

        quantity = Quantity.Parse(stated.GetString()!);
        return null;
    }

    internal static IReadOnlyList<HandedLine> Of(KeptEntry entry, Receipt receipt) =>
    [
        .. entry.Given.Select((line, i) => new HandedLine
        {
            Line = i,
            Opening = line.Opening,
            To = line.Subject,
            Operator = line.Operator,
            Entry = entry.Signed.Entry.ToString(),
            Disclosures = [.. entry.Signed.Disclosures.Where(d => d.Name == $"q{i}" || d.Name == $"codes{i}").Select(d => d.Text)],
            Receipt = receipt.ToString(),
        }),
    ];
}
