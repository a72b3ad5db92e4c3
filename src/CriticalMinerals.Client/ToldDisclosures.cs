using System.Text.Json;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>The disclosures of an entry bundle as a log tells them to who may see them and as a mirror keeps them: <c>disclosures/&lt;N&gt;</c>. Unchecked.</summary>
internal static class ToldDisclosures
{
    /// <summary>Most bytes of them.</summary>
    internal const int MaximumLength = 32 * 1024 * 1024;

    /// <summary>The path below the log's address or a mirror's folder.</summary>
    /// <param name="bundle">Number of the bundle of 256 entries, from 0.</param>
    internal static string PathOf(ulong bundle) => FormattableString.Invariant($"disclosures/{bundle}");

    /// <summary>Reads them, by the entries' indexes.</summary>
    /// <exception cref="LedgerApiException">They are none.</exception>
    internal static IReadOnlyDictionary<ulong, IReadOnlyList<string>> Read(byte[] bytes)
    {
        if (StrictJson.Parse(bytes, out var fault) is not { } json)
        {
            throw LedgerApiException.Unsound($"The disclosures are not the JSON expected. {fault!.Detail}");
        }

        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("entries", out var entries) || entries.ValueKind != JsonValueKind.Array)
        {
            throw LedgerApiException.Unsound("The answer tells no disclosures: entries was expected.");
        }

        var disclosures = new Dictionary<ulong, IReadOnlyList<string>>();
        foreach (var item in entries.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("index", out var at) || at.ValueKind != JsonValueKind.Number || !at.TryGetUInt64(out var index) ||
                !item.TryGetProperty("disclosures", out var texts) || texts.ValueKind != JsonValueKind.Array || texts.EnumerateArray().Any(t => t.ValueKind != JsonValueKind.String) ||
                !disclosures.TryAdd(index, [.. texts.EnumerateArray().Select(t => t.GetString()!)]))
            {
                throw LedgerApiException.Unsound("The disclosures of an entry are told once, with index and disclosures.");
            }
        }

        return disclosures;
    }
}
