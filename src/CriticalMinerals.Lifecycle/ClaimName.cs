namespace CriticalMinerals.Lifecycle;

/// <summary>
/// Names that one owner holds in the whole log: public keys, granted aliases, granted prefixes. Each has one text, so that one unique index decides.
/// </summary>
public static class ClaimName
{
    /// <summary>An Ed25519 public key, by its base64url <c>x</c>.</summary>
    public static string PublicKey(string x) => "key:" + x;

    /// <summary>A granted alias; its owner is the chain that it names.</summary>
    public static string Alias(string scheme, string value) => $"alias:{scheme}:{value}";

    /// <summary>A declared alias on one chain: not unique, so the chain is part of the name; found by <see cref="DeclaredAliases"/>.</summary>
    public static string DeclaredAlias(string scheme, string value, string subject) => DeclaredAliases(scheme, value) + subject;

    /// <summary>What all declared aliases of that value, and no others, begin with: a value holds no space.</summary>
    public static string DeclaredAliases(string scheme, string value) => $"declared:{scheme}:{value} ";

    /// <summary>A granted prefix; its owner is the operator that holds it.</summary>
    public static string Grant(string scheme, string prefix) => $"grant:{scheme}:{prefix}";
}
