using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace CriticalMinerals.Ledger;

/// <summary>
/// The closed grammars of the names that stand in every entry. Each has exactly one spelling; all are ASCII and compared byte for byte.
/// </summary>
public static partial class Names
{
    /// <summary>Longest chain name (<c>sub</c>), in characters.</summary>
    public const int MaximumSubject = 256;

    /// <summary>Longest operator DID, in characters.</summary>
    public const int MaximumOperator = 200;

    /// <summary>A log origin: lower-case <c>host[:port]/path</c>, no scheme, no trailing slash (C2SP tlog-checkpoint); at most 150 characters.</summary>
    public static bool IsOrigin([NotNullWhen(true)] string? text) => text is { Length: <= 150 } && Origin().IsMatch(text);

    /// <summary>An operator: <c>did:web:host[%3Aport](:segment)*</c>, host in lower case, at most 200 characters.</summary>
    public static bool IsOperator([NotNullWhen(true)] string? text) => text is { Length: <= MaximumOperator } && Operator().IsMatch(text);

    /// <summary>A key in full: an operator, <c>#</c>, and a key name of 1 to 64 characters <c>[A-Za-z0-9_-]</c>.</summary>
    public static bool IsKeyId([NotNullWhen(true)] string? text) =>
        text is not null && text.IndexOf('#', StringComparison.Ordinal) is > 0 and var hash && IsOperator(text[..hash]) && KeyName().IsMatch(text.AsSpan(hash + 1));

    /// <summary>A key name alone: 1 to 64 characters <c>[A-Za-z0-9_-]</c>.</summary>
    public static bool IsKeyName([NotNullWhen(true)] string? text) => text is not null && KeyName().IsMatch(text);

    /// <summary>The operator part of a full key id; the text is one by <see cref="IsKeyId"/>.</summary>
    public static string OperatorOf(string keyId) => keyId[..keyId.IndexOf('#', StringComparison.Ordinal)];

    /// <summary>A chain name: an absolute URI of printable ASCII, at most 256 characters. Which kinds exist is decided by the events.</summary>
    public static bool IsSubject([NotNullWhen(true)] string? text) => text is { Length: <= MaximumSubject } && Subject().IsMatch(text);

    /// <summary>An event's wire name, <c>battery-manufactured.v1</c>: also the name of its schema file.</summary>
    public static bool IsEvent([NotNullWhen(true)] string? text) => text is { Length: <= 64 } && Event().IsMatch(text);

    /// <summary>A UUID in its 36-character lower-case form (RFC 9562 section 4).</summary>
    public static bool IsUuid([NotNullWhen(true)] string? text) => text is not null && Uuid().IsMatch(text);

    /// <summary>A member of <c>d</c> that an event may define: lower camel case, 1 to 64 characters.</summary>
    public static bool IsMember([NotNullWhen(true)] string? text) => text is not null && Member().IsMatch(text);

    /// <summary>The same of the ASCII of a name.</summary>
    internal static bool IsMember(ReadOnlySpan<byte> ascii)
    {
        if (ascii.Length is 0 or > 64 || !char.IsAsciiLetterLower((char)ascii[0]))
        {
            return false;
        }

        foreach (var character in ascii)
        {
            if (!char.IsAsciiLetterOrDigit((char)character))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The DID of the log itself: <c>did:web:</c> + origin, <c>:</c> written <c>%3A</c>, <c>/</c> written <c>:</c>.</summary>
    public static string LogOperator(string origin) =>
        "did:web:" + origin.Replace(":", "%3A", StringComparison.Ordinal).Replace('/', ':');

    /// <summary>The chain of the log's own keys and rules: <c>https://</c> + origin.</summary>
    public static string LogChain(string origin) => "https://" + origin;

    /// <summary>The chain of an operator's delegations and granted identifiers.</summary>
    public static string GrantsChain(string operatorId) => operatorId + GrantsSuffix;

    /// <summary>What follows the operator in the name of its grants chain.</summary>
    public const string GrantsSuffix = "/grants";

    // Labels end at a dot, so giving characters back never finds another split: matching stays linear in generated code, which the
    // non-backtracking engine has none of.
    private const string Host = @"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*";

    [GeneratedRegex(@"\A" + Host + @"(?::[1-9][0-9]{0,4})?(?:/[A-Za-z0-9._-]+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Origin();

    [GeneratedRegex(@"\Adid:web:" + Host + @"(?:%3A[1-9][0-9]{0,4})?(?::[A-Za-z0-9._-]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Operator();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyName();

    [GeneratedRegex(@"\A[a-z][a-z0-9+.-]*:[!-~]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subject();

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.v[1-9][0-9]{0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Event();

    [GeneratedRegex(@"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\A[a-z][A-Za-z0-9]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Member();
}
