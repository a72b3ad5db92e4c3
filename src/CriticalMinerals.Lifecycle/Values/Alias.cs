using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Values;

/// <summary>Another system's name for the same battery or part.</summary>
public sealed record Alias
{
    [Description("Naming system: gbt34014, gtin, giai, bpan, registry, ….")]
    [Text(Pattern = "^[a-z][a-z0-9-]{0,31}$")]
    [Example("gbt34014")]
    public required string Scheme { get; init; }

    [Description("The name, exactly as that system writes it.")]
    [Text(Pattern = "^[!-~]{1,100}$")]
    [Example("04QPE28D0000BDGB20000001")]
    public required string Value { get; init; }

    [Description("granted: under a prefix the log's authority granted to the issuer, unique, resolves. declared: somebody else's name, not unique, never outranks a granted one.")]
    public required AliasBasis Basis { get; init; }

    /// <summary>Under which name it stands for a chain in the whole log.</summary>
    internal string ClaimOn(string subject) => Basis == AliasBasis.Granted ? ClaimName.Alias(Scheme, Value) : ClaimName.DeclaredAlias(Scheme, Value, subject);
}

/// <summary>What stands behind an alias.</summary>
public enum AliasBasis
{
    Granted,
    Declared,
}
