using System.Text.Json;
using System.Text.Json.Serialization;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>Digests as their 43 characters.</summary>
internal sealed class DigestConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString(), out var digest) ? digest : throw new JsonException("not a digest");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>Lists of digests as lists of their 43 characters.</summary>
internal sealed class DigestListConverter : JsonConverter<IReadOnlyList<Digest>>
{
    public override IReadOnlyList<Digest> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        [.. JsonSerializer.Deserialize<string[]>(ref reader, options)!.Select(t => Digest.TryParse(t, out var digest) ? digest : throw new JsonException("not a digest"))];

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<Digest> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Select(d => d.ToString()), options);
}
