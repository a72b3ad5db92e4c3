using System.Text.Json;
using System.Text.Json.Serialization;
using CriticalMinerals.Lifecycle.Passports;

namespace CriticalMinerals.Lifecycle.Registry;

/// <summary>A part of the operators of a log, in the order of their enrolment.</summary>
public sealed record OperatorPage
{
    private static readonly JsonSerializerOptions Lenient = new(PassportJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    /// <summary>The operators of this part.</summary>
    public required IReadOnlyList<EnrolledOperator> Operators { get; init; }

    /// <summary>Where the next part is; none after the last.</summary>
    public string? Next { get; init; }

    /// <summary>UTF-8; the same part has the same bytes.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, PassportJson.Options);

    /// <summary>Reads a part; members that a newer ledger adds are passed over. Null when it is none.</summary>
    public static OperatorPage? Read(JsonElement json)
    {
        try
        {
            var page = json.Deserialize<OperatorPage>(Lenient);
            return page?.Operators.All(o => o is not null && o.Keys.All(k => k is not null) && o.Identifiers.All(i => i is { Scheme: not null, Prefix: not null })) == true ? page : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
