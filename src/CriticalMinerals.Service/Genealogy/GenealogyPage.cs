using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Service.Genealogy;

/// <summary>Which way from a chain.</summary>
public enum Towards
{
    /// <summary>What it took from, and what that took from, back to the mines.</summary>
    Origins,

    /// <summary>What took from it, and what took from that.</summary>
    Uses,
}

/// <summary>A part of the chains that one chain leads to, in the order in which they were opened.</summary>
public sealed record GenealogyPage
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>The chain asked about.</summary>
    public required string Sub { get; init; }

    /// <summary>Which way.</summary>
    public required Towards Towards { get; init; }

    /// <summary>The kind asked for; none for all.</summary>
    public required ChainKind? Kind { get; init; }

    /// <summary>The size of the log at which all of this was so.</summary>
    public required long At { get; init; }

    /// <summary>The chains of this part.</summary>
    public required IReadOnlyList<GenealogyChain> Chains { get; init; }

    /// <summary>Inputs from closed chains, on all chains walked: they are neither named nor followed. Not counted towards uses, where it would tell whom a firm supplies.</summary>
    public required long? NotShown { get; init; }

    /// <summary>Whether the walk ended because there is too much; the nearest chains are here.</summary>
    public required bool IsCut { get; init; }

    /// <summary>Where the next part is; none after the last.</summary>
    public required string? Next { get; init; }

    /// <summary>UTF-8; the same part has the same bytes.</summary>
    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}

/// <summary>A chain on the way.</summary>
public sealed record GenealogyChain
{
    /// <summary>Its name.</summary>
    public required string Sub { get; init; }

    /// <summary>What it is about.</summary>
    public required ChainKind Kind { get; init; }

    /// <summary>Wire name of the event that opened it.</summary>
    public required string Event { get; init; }

    /// <summary>Where that entry stands in the log.</summary>
    public required long Index { get; init; }

    /// <summary>Leaf hash of that entry.</summary>
    public required string Entry { get; init; }

    /// <summary>The fewest steps to it.</summary>
    public required int Depth { get; init; }

    /// <summary>Address of its passport; none when it is no battery.</summary>
    public required string? Href { get; init; }
}
