using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Cli;

/// <summary>
/// An event written by hand or by another program: <c>subject</c>, <c>event</c>, <c>data</c>, and if wanted <c>for</c>, <c>occurredAt</c> (RFC 3339),
/// <c>out</c> (<c>{to, operator, quantity, codes?}</c>), <c>in</c> (<c>{h, i, s}</c>, or the path of a line handed over, relative to this file) and
/// <c>ref</c> (<c>{h, sub}</c>). Which values are signed as digests is decided by the event, not by the file.
/// </summary>
internal sealed class EventFile
{
    private static readonly string[] Members = ["subject", "event", "data", "for", "out", "in", "ref", "occurredAt"];

    private readonly string _path;
    private readonly JsonElement _json;

    private EventFile(string path, JsonElement json)
    {
        _path = path;
        _json = json;
    }

    internal static EventFile Read(string path)
    {
        var json = Files.ReadObject(path);
        var unknown = json.EnumerateObject().Select(p => p.Name).FirstOrDefault(name => !Members.Contains(name));
        return unknown is null ? new EventFile(path, json) : throw new UsageException($"{path}: {unknown} is no member of an event file; these are: {string.Join(", ", Members)}.");
    }

    /// <summary>What the file says.</summary>
    /// <param name="signer">The operator that will sign.</param>
    /// <param name="logKeys">With them, lines handed over are verified; without, they are taken as they are.</param>
    internal Statement ToStatement(string? signer, IReadOnlyCollection<NoteVerifier>? logKeys)
    {
        var subject = Text(_json, "subject");
        var principal = _json.TryGetProperty("for", out _) ? Text(_json, "for") : null;
        var links = new EntryLinks
        {
            Given = [.. Items("out").Select(Given)],
            Taken = [.. Items("in").Select(item => Taken(item, subject, principal ?? signer, logKeys))],
            References = [.. Items("ref").Select(item => new Reference(Hash(item), Text(item, "sub")))],
            Principal = principal,
        };
        if (!_json.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
        {
            throw new UsageException($"{_path}: data is an object with the event's properties; {{}} when it has none.");
        }

        EventEncoding? encoded;
        Refusal? refusal;
        try
        {
            encoded = EventEncoding.Of(Text(_json, "event"), JsonObject.Create(data)!, links, out refusal);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{_path}: {e.Message}");
        }

        return encoded is null
            ? throw new UsageException($"{_path}: {refusal!.Detail}")
            : new Statement(subject, encoded, _json.TryGetProperty("occurredAt", out _) ? Instant(Text(_json, "occurredAt")) : null);
    }

    private GoodsGiven Given(JsonElement item)
    {
        IReadOnlyList<string>? codes = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("codes", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select(c => c.ValueKind == JsonValueKind.String ? c.GetString()! : throw new UsageException($"{_path}: codes are texts."))]
            : null;
        return Quantity.TryParse(Text(item, "quantity"), out var quantity)
            ? new GoodsGiven(Text(item, "to"), Text(item, "operator"), quantity, codes)
            : throw new UsageException($"{_path}: quantity is a decimal text such as \"12.5\".");
    }

    private Redemption Taken(JsonElement item, string subject, string? actor, IReadOnlyCollection<NoteVerifier>? logKeys)
    {
        if (item.ValueKind != JsonValueKind.String)
        {
            return item.TryGetProperty("i", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var line)
                ? new Redemption(Hash(item), line, Text(item, "s"))
                : throw new UsageException($"{_path}: in holds {{h, i, s}} or paths of lines handed over.");
        }

        var path = Path.Combine(Path.GetDirectoryName(_path) ?? "", item.GetString()!);
        var handed = HandedLine.Parse(Files.Read(path), out var fault);
        fault ??= logKeys is null ? null : handed!.Verify(logKeys, out _);
        return fault is not null ? throw new UsageException($"{path}: {fault.Detail}")
            : handed!.To != subject || (actor is not null && handed.Operator != actor) ? throw new UsageException($"{path} was given to {handed.Operator} on {handed.To}, not to {actor} on {subject}.")
            : handed.ToRedemption();
    }

    private IEnumerable<JsonElement> Items(string name) =>
        !_json.TryGetProperty(name, out var list) ? []
        : list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(i => i.ValueKind is JsonValueKind.Object or JsonValueKind.String) ? list.EnumerateArray()
        : throw new UsageException($"{_path}: {name} is an array.");

    private Digest Hash(JsonElement item) => Digest.TryParse(Text(item, "h"), out var hash) ? hash : throw new UsageException($"{_path}: h is a leaf hash of 43 characters.");

    private DateTimeOffset Instant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : throw new UsageException($"{_path}: occurredAt is a time such as 2027-02-18T09:30:00Z.");

    private string Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new UsageException($"{_path}: {name} is missing or no text.");
}
