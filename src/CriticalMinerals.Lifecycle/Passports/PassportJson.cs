using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>The JSON form of a passport, described by <c>schemas/passport.v1.schema.json</c>.</summary>
public static class PassportJson
{
    internal static readonly JsonSerializerOptions Options = Made();

    /// <summary>
    /// UTF-8 without white space; members stand in the order of the records and, inside signed values, in the order they were signed in. The same entries
    /// and audience give the same bytes.
    /// </summary>
    public static byte[] Write(BatteryPassport passport) => JsonSerializer.SerializeToUtf8Bytes(passport, Options);

    /// <inheritdoc cref="Write(BatteryPassport)"/>
    public static byte[] Write(PassportDifference difference) => JsonSerializer.SerializeToUtf8Bytes(difference, Options);

    /// <summary>The identity of a version of the document: SHA-256 of <see cref="Write(BatteryPassport)"/>. It cannot stand inside.</summary>
    public static Digest Version(BatteryPassport passport) => Digest.Sha256(Write(passport));

    private static JsonSerializerOptions Made()
    {
        // Readable in every script; quotation marks and angle brackets stay escaped, wherever somebody pastes it.
        var options = new JsonSerializerOptions(EventJson.Options) { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };
        options.Converters.Insert(0, new DigestConverter());
        options.Converters.Insert(0, new InstantConverter());

        // The letters of Annex XIII, as the events' schemas write them.
        options.Converters.Insert(0, new JsonStringEnumConverter<AccessClass>());
        return options;
    }

    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        // RFC 3339 in UTC, with as many digits of a second as there are.
        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
    }
}
