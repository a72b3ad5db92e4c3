using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;
using Npgsql;

namespace CriticalMinerals.Service;

/// <summary>
/// What can be configured, by environment variable (<c>Ledger__Origin</c>), command line (<c>--Ledger:Origin=...</c>) or appsettings.json. Nothing has to be.
/// </summary>
public sealed partial record LedgerOptions
{
    private const string SpanText = "a number and s, m, h or d, e.g. 12h";

    /// <summary>Where the service listens when <c>--urls</c> (or <c>ASPNETCORE_URLS</c>) says nothing.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>The claim that says what a person may do when <c>Ledger__OpenId__Claim</c> says nothing.</summary>
    public const string DefaultOpenIdClaim = "battery_passport";

    /// <summary><c>ConnectionStrings__Ledger</c>: PostgreSQL as the role the service runs as. Without any connection the service starts a server of its own.</summary>
    public string? Connection { get; init; }

    /// <summary><c>ConnectionStrings__LedgerOwner</c>: PostgreSQL as the role that owns the tables and migrates them.</summary>
    public string? OwnerConnection { get; init; }

    /// <summary><c>Ledger__DataFolder</c>: keys, pin and private database. Default: <c>critical-minerals</c> in the user's data directory.</summary>
    public required string DataFolder { get; init; }

    /// <summary><c>Ledger__Origin</c>: the log's name in every signature, e.g. <c>ledger.example.com/log/2026</c>. Never changes.</summary>
    public string? Origin { get; init; }

    /// <summary><c>Ledger__PublicUrl</c>: what QR codes carry, e.g. <c>https://passport.example.com</c>; no path, no trailing slash.</summary>
    public string? PublicUrl { get; init; }

    /// <summary><c>Ledger__Authority</c>: public key (JWK, RFC 8037) that a new log's first entry must be signed with.</summary>
    public string? Authority { get; init; }

    /// <summary><c>Ledger__Demo</c>: play one battery's life into a new ledger. Default: true when no connection, origin or authority is configured.</summary>
    public bool Demo { get; init; }

    /// <summary><c>Ledger__PublicEntries</c>: entries of closed chains and entry bundles are open to everyone. Default: as <see cref="Demo"/>.</summary>
    public bool PublicEntries { get; init; }

    /// <summary>
    /// <c>Ledger__OpenId__Issuer</c>: the OpenID Connect issuer whose access tokens people may call with, exactly as its discovery document writes it, e.g.
    /// <c>https://login.example.com</c>; plain http on this machine's loopback addresses only. Without it no such token is taken.
    /// </summary>
    public string? OpenIdIssuer { get; init; }

    /// <summary><c>Ledger__OpenId__Audience</c>: what the issuer calls this ledger in the <c>aud</c> of its access tokens; it must not be the identifier of a client, or the issuer's ID tokens would do as well.</summary>
    public string? OpenIdAudience { get; init; }

    /// <summary><c>Ledger__OpenId__Claim</c>: name of the claim that says what a person may do. Default: <see cref="DefaultOpenIdClaim"/>.</summary>
    public string OpenIdClaim { get; init; } = DefaultOpenIdClaim;

    /// <summary><c>Ledger__TimeStamps__Authority</c>: address of a time stamping authority (RFC 3161 section 3.4) that stamps checkpoints. Without it none are stamped.</summary>
    public Uri? TimeStampAuthority { get; init; }

    /// <summary><c>Ledger__TimeStamps__Every</c>: shortest time between two stamps, a number and s, m, h or d. Default: a day.</summary>
    public TimeSpan TimeStampEvery { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// <c>Ledger__Access__...</c>: what the implementing act of Regulation (EU) 2023/1542 Art. 77(9) is to settle. <c>AuthoritiesSeeIndividualData</c> (true or
    /// false); for a legitimate interest (<c>Repairer</c>, <c>Purchaser</c>, ...) <c>&lt;interest&gt;__Classes</c> (of <c>R,U</c>); for any restricted audience
    /// <c>&lt;audience&gt;__Roles</c> (operators' roles with commas, <c>none</c> for none).
    /// </summary>
    public AccessPolicy Access { get; init; } = AccessPolicy.Default;

    /// <summary><c>Ledger__Readings__NamesKeptFor</c>: days for which the name of who read something restricted is kept beside the record, 1 to 36500. Default: for good.</summary>
    public TimeSpan? ReaderNamesKeptFor { get; init; }

    /// <summary>
    /// <c>Ledger__Witnesses</c>: a tlog-policy file whose witnesses, those with an address, are asked to cosign the public checkpoint. Null: none is asked.
    /// </summary>
    public TrustPolicy? Witnesses { get; init; }

    /// <summary><c>Ledger__Witnesses__Quorum</c>: the public checkpoint advances only to what the quorum of that policy has cosigned. Default: false.</summary>
    public bool WitnessQuorum { get; init; }

    /// <summary><c>Ledger__Witnesses__RenewAfter</c>: how old a cosignature of the newest checkpoint may become before it is asked for anew. Default: 5m.</summary>
    public TimeSpan WitnessRenewal { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary><c>Ledger__Witness__Name</c>: the key name under which this service is a witness of other logs. Null: it is none.</summary>
    public string? WitnessName { get; init; }

    /// <summary><c>Ledger__Witness__Logs</c>: a tlog-policy file, or verifier keys in a file, of the logs it witnesses.</summary>
    public IReadOnlyCollection<NoteVerifier> WitnessedLogs { get; init; } = [];

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="StartupException">A value cannot be right; the message names its key.</exception>
    public static LedgerOptions Read(IConfiguration configuration)
    {
        var connection = Text(configuration, "ConnectionStrings:Ledger");
        var owner = Text(configuration, "ConnectionStrings:LedgerOwner");
        var origin = Text(configuration, "Ledger:Origin");
        var authority = Text(configuration, "Ledger:Authority");
        var issuer = Checked(Text(configuration, "Ledger:OpenId:Issuer"), "Ledger__OpenId__Issuer", IsIssuer, "an https address without query and fragment (http on 127.0.0.1 and localhost only), e.g. https://login.example.com");
        var audience = Checked(Text(configuration, "Ledger:OpenId:Audience"), "Ledger__OpenId__Audience", IsName, "a text of at most 255 characters");
        if (issuer is null != audience is null)
        {
            throw new StartupException("Ledger__OpenId__Issuer and Ledger__OpenId__Audience go together: without an audience every token that the issuer makes, for whatever service, would do here.");
        }

        var witnesses = ReadPolicy(configuration, "Ledger:Witnesses", policy => policy.Witnesses.Any(w => w.Address is not null) && policy.Witnesses.Count <= 32 && policy.Witnesses.All(w => w.Address is null || IsWitnessAddress(w.Address)),
            "names 1 to 32 witnesses, at least one with an http or https address");
        var quorum = Flag(configuration, "Ledger:Witnesses:Quorum") ?? false;
        if (quorum && witnesses?.Quorum is null)
        {
            throw new StartupException("Ledger__Witnesses__Quorum=true waits for the quorum of the policy that Ledger__Witnesses names; there is none.");
        }

        var witnessName = Checked(Text(configuration, "Ledger:Witness:Name"), "Ledger__Witness__Name", text => NoteVerifier.IsName(text), "an address without scheme, white space and plus, e.g. witness.example.com/w1");
        var witnessed = ReadPolicy(configuration, "Ledger:Witness:Logs", policy => policy.LogKeys.Count > 0, "names the key of at least one log");
        if (witnessName is null != witnessed is null)
        {
            throw new StartupException("Ledger__Witness__Name and Ledger__Witness__Logs go together: a witness cosigns for logs that it knows.");
        }

        var demo = Flag(configuration, "Ledger:Demo") ?? (connection ?? owner ?? origin ?? authority) is null;
        return new LedgerOptions
        {
            Connection = Checked(connection, "ConnectionStrings__Ledger", IsConnectionString, "a PostgreSQL connection string, e.g. Host=db;Username=ledger;Password=...;Database=ledger"),
            OwnerConnection = Checked(owner, "ConnectionStrings__LedgerOwner", IsConnectionString, "a PostgreSQL connection string, e.g. Host=db;Username=owner;Password=...;Database=ledger"),
            DataFolder = Path.GetFullPath(Text(configuration, "Ledger:DataFolder") ?? DefaultDataFolder()),
            Origin = Checked(origin, "Ledger__Origin", text => text.Length <= 200 && OriginForm().IsMatch(text), "host[:port]/path in lower case without a scheme, e.g. ledger.example.com/log/2026"),
            PublicUrl = Checked(Text(configuration, "Ledger:PublicUrl"), "Ledger__PublicUrl", IsPublicUrl, "an http or https address without path or trailing slash, e.g. https://passport.example.com"),
            Authority = Checked(authority, "Ledger__Authority", IsEd25519Key, "an Ed25519 public key as a JWK with exactly kty, crv and x"),
            Demo = demo,
            PublicEntries = Flag(configuration, "Ledger:PublicEntries") ?? demo,
            Access = ReadAccess(configuration),
            Witnesses = witnesses,
            WitnessQuorum = quorum,
            WitnessRenewal = Span(Checked(Text(configuration, "Ledger:Witnesses:RenewAfter"), "Ledger__Witnesses__RenewAfter", text => SpanForm().IsMatch(text), SpanText) ?? "5m"),
            WitnessName = witnessName,
            WitnessedLogs = witnessed?.LogKeys ?? [],
            TimeStampAuthority = Checked(Text(configuration, "Ledger:TimeStamps:Authority"), "Ledger__TimeStamps__Authority", IsHttp, "an http or https address, e.g. https://stamp.example.com/tsr") is { } authorityAddress ? new Uri(authorityAddress) : null,
            TimeStampEvery = Span(Checked(Text(configuration, "Ledger:TimeStamps:Every"), "Ledger__TimeStamps__Every", text => SpanForm().IsMatch(text), SpanText) ?? "1d"),
            OpenIdIssuer = issuer,
            OpenIdAudience = audience,
            ReaderNamesKeptFor = Checked(Text(configuration, "Ledger:Readings:NamesKeptFor"), "Ledger__Readings__NamesKeptFor", IsDays, "a whole number of days, 1 to 36500; leave it out to keep the names for good") is { } days
                ? TimeSpan.FromDays(int.Parse(days, CultureInfo.InvariantCulture))
                : null,
            OpenIdClaim = Checked(Text(configuration, "Ledger:OpenId:Claim"), "Ledger__OpenId__Claim", IsName, "the name of a claim, at most 255 characters") ?? DefaultOpenIdClaim,
        };
    }

    private static TrustPolicy? ReadPolicy(IConfiguration configuration, string key, Func<TrustPolicy, bool> isRight, string form)
    {
        if (Text(configuration, key) is not { } path)
        {
            return null;
        }

        var name = key.Replace(":", "__", StringComparison.Ordinal);
        var text = File.Exists(path) && new FileInfo(path).Length <= TrustPolicy.MaximumLength ? File.ReadAllText(path) : throw new StartupException($"{name}={path}: there is no file {Path.GetFullPath(path)}, or it is longer than {TrustPolicy.MaximumLength} bytes.");
        var policy = TrustPolicy.Parse(text, out var fault) ?? throw new StartupException($"{name}={path}: {fault!.Detail}");
        return isRight(policy) ? policy : throw new StartupException($"{name}={path}: the file {form}.");
    }

    private static bool IsWitnessAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0;

    private static AccessPolicy ReadAccess(IConfiguration configuration)
    {
        var (classes, roles) = (new Dictionary<Audience, IReadOnlyList<AccessClass>>(), new Dictionary<Audience, IReadOnlyList<Role>>(AccessPolicy.Default.Roles));
        foreach (var section in configuration.GetSection("Ledger:Access").GetChildren().Where(s => !s.Key.Equals(nameof(AccessPolicy.AuthoritiesSeeIndividualData), StringComparison.OrdinalIgnoreCase)))
        {
            var audience = Enum.TryParse<Audience>(section.Key, ignoreCase: true, out var named) && Enum.IsDefined(named) && named is not (Audience.Public or Audience.Own)
                ? named
                : throw new StartupException($"Ledger__Access__{section.Key} names no restricted audience: {string.Join(", ", AccessPolicy.Interests.Concat(AccessPolicy.Authorities).Append(Audience.Auditor))}.");
            foreach (var setting in section.GetChildren())
            {
                var key = $"Ledger__Access__{section.Key}__{setting.Key}";
                if (setting.Key.Equals("Classes", StringComparison.OrdinalIgnoreCase) && AccessPolicy.Interests.Contains(audience))
                {
                    classes[audience] = List<AccessClass>(setting.Value, key, c => c is AccessClass.R or AccessClass.U, "R, U, both with a comma, or none");
                }
                else if (setting.Key.Equals("Roles", StringComparison.OrdinalIgnoreCase))
                {
                    roles[audience] = List<Role>(setting.Value?.Replace("-", "", StringComparison.Ordinal), key, Enum.IsDefined, "roles with commas between, such as recycler,dismantler, or none");
                }
                else
                {
                    throw new StartupException($"{key} is no setting: there are Classes, for legitimate interests, and Roles.");
                }
            }
        }

        return new AccessPolicy { AuthoritiesSeeIndividualData = Flag(configuration, "Ledger:Access:AuthoritiesSeeIndividualData") ?? false, InterestClasses = classes, Roles = roles };
    }

    private static List<T> List<T>(string? text, string key, Func<T, bool> isAllowed, string form)
        where T : struct, Enum => text?.Trim() == "none" ? [] : [.. (text ?? "").Split(',').Select(part =>
            Enum.TryParse<T>(part.Trim(), ignoreCase: true, out var value) && !int.TryParse(part, out _) && isAllowed(value) ? value : throw new StartupException($"{key} must be {form}."))];

    private static string DefaultDataFolder()
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0
            ? Path.Combine(data, "critical-minerals")
            : throw new StartupException("This user has no data directory. Name a folder: Ledger__DataFolder=/some/folder");
    }

    private static string? Text(IConfiguration configuration, string key) => configuration[key] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    private static bool? Flag(IConfiguration configuration, string key) => Text(configuration, key) is not { } text ? null
        : bool.TryParse(text, out var flag) ? flag
        : throw new StartupException($"{key.Replace(":", "__", StringComparison.Ordinal)} is '{text}'; it must be true or false.");

    private static string? Checked(string? text, string key, Func<string, bool> isRight, string form) =>
        text is null || isRight(text) ? text : throw new StartupException($"{key} must be {form}.");

    private static bool IsConnectionString(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text) is { Host: not null };
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsPublicUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.AbsoluteUri == text + "/";

    private static bool IsHttp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    private static TimeSpan Span(string text) => int.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture) * text[^1] switch
    {
        's' => TimeSpan.FromSeconds(1),
        'm' => TimeSpan.FromMinutes(1),
        'h' => TimeSpan.FromHours(1),
        _ => TimeSpan.FromDays(1),
    };

    // OpenID Connect Discovery 1.0 section 3: no query and no fragment.
    private static bool IsIssuer(string text) =>
        IsName(text) && !text.AsSpan().ContainsAny('?', '#') && Uri.TryCreate(text, UriKind.Absolute, out var url) && OpenIdKeys.MayBeAsked(url);

    private static bool IsDays(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 1 and <= 36500;

    private static bool IsName(string text) => text.Length <= 255;

    private static bool IsEd25519Key(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            Span<byte> key = stackalloc byte[32];
            var members = document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString());
            return members.Count == 3
                && members.GetValueOrDefault("kty") == "OKP"
                && members.GetValueOrDefault("crv") == "Ed25519"
                && members.GetValueOrDefault("x") is { Length: 43 } x
                && StrictBase64Url.TryDecode(x, key, out _);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?(/[a-z0-9._-]+)+\z")]
    private static partial Regex OriginForm();

    [GeneratedRegex(@"\A[1-9][0-9]{0,4}[smhd]\z")]
    private static partial Regex SpanForm();
}
