using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;

namespace CriticalMinerals.Service;

/// <summary>The one table from reasons to HTTP: every refusal is problem+json (RFC 9457) with a stable code and a sentence that says what to do.</summary>
public static class Problems
{
    /// <summary>The ledger takes no more at the moment; nothing of the request was kept.</summary>
    public static readonly Problem Overloaded = new(503, "overloaded", "The ledger is busy", "More entries wait than it takes at once. Nothing of this entry was kept: send the same bytes again after Retry-After.");

    /// <summary>The database does not answer.</summary>
    public static readonly Problem Unavailable = new(503, "unavailable", "The ledger cannot write now", "The database did not answer. Whether the entry was kept is unknown: send the same bytes again; a retry is safe.");

    /// <summary>The node has stopped signing.</summary>
    public static readonly Problem Halted = new(503, "log-halted", "The log has stopped", "What is stored and what was signed do not agree on this node. It writes nothing until its operator has looked.");

    /// <summary>The database refused this one entry.</summary>
    public static readonly Problem StorageRefused = new(500, "storage-refused", "The database refused the entry", "The entry passed every rule and the database did not take it. Nothing of it was kept. Tell the ledger's operator.");

    /// <summary>Entry bundles are for auditors in this ledger.</summary>
    public static readonly Problem EntriesClosed = new(403, "entries-closed", "Entry bundles are closed", "This ledger gives entry bundles to auditors only: ask with a token of an operator with the role auditor, purpose auditor. Hash tiles and checkpoints are public.");

    /// <summary>No such thing, or none that may be read: closed chains are not told apart from those that do not exist, or their names could be counted.</summary>
    public static readonly Problem NotFound = new(404, "not-found", "Not in this log", "Nothing stands here that you may read. Check the address; a closed chain is shown to its signers, its holder and auditors, who ask with a token.");

    /// <summary>What stands for a chain is the name of none.</summary>
    public static readonly Problem ChainMalformed = new(400, "chain-malformed", "Not the name of a chain", "sub is the whole name of one chain, such as https://id.gs1.org/01/…/21/… or urn:uuid:…, percent-encoded.");

    /// <summary>More than one file of evidence holds.</summary>
    public static Problem BundleTooLarge(string detail) => new(422, "bundle-too-large", "The bundle is too large", detail);

    /// <summary>Nobody in particular asks for something that only somebody may see.</summary>
    public static readonly Problem Unauthenticated = new(401, "authentication-required", "Who asks?", "This is for those with a right to it. Ask with Authorization: Bearer and a cm-caller+jwt signed for this request by an enrolled operator, or an access token of the issuer.");

    /// <summary>The caller has no right to the purpose it states.</summary>
    public static Problem PurposeRefused(Audience purpose) => new(
        403, "purpose-refused", "Not for this purpose",
        $"Nothing here lets you ask as {AccessPolicy.Wire(purpose)}: neither a role nor the issuer says that you are one, and the battery's responsible operator has granted no such access. Ask it for access-granted.v1, or ask without a purpose.");

    /// <summary>Records of reads are for who answers for the chain.</summary>
    public static readonly Problem ReadingsOfOthers = new(403, "readings-of-others", "Not your chain", "Who read what is told to the responsible operator or holder of the chain only.");

    /// <summary>The token's key is not known.</summary>
    public static readonly Problem TokenSignerUnknown = new(401, "token-signer-unknown", "Unknown key", "kid is no key of an operator of this log. Sign with a key that is registered here, or ask for enrolment.");

    /// <summary>A key for something else.</summary>
    public static readonly Problem TokenKeyUse = new(401, "token-key-use", "Wrong key", "Caller tokens are signed with an operator's own key, for the log's authority with the authority key.");

    /// <summary>The key is not good any more.</summary>
    public static readonly Problem TokenKeyRevoked = new(401, "token-key-revoked", "Revoked key", "The key that signed the token was revoked or reported as compromised. Sign with a key that is good.");

    /// <summary>The operator is suspended.</summary>
    public static readonly Problem CallerSuspended = new(403, "operator-suspended", "Suspended operator", "The log's authority has suspended this operator: until it is reinstated it sees what everybody sees. Ask without a token, or ask the authority.");

    /// <summary>The token was used.</summary>
    public static readonly Problem TokenReplayed = new(401, "token-replayed", "Used token", "A caller token opens one request, and this one was used. Sign a new one with a new jti.");

    /// <summary>The database does not answer a reader.</summary>
    public static readonly Problem ReadUnavailable = new(503, "unavailable", "The ledger cannot answer now", "The database did not answer, so the read could not be recorded and nothing was given. Ask again after Retry-After, with a new token.");

    /// <summary>A genealogy that cannot be walked in the time that a request has.</summary>
    public static readonly Problem WalkTooLong = new(503, "genealogy-timeout", "The walk took too long", "So much hangs together here that it was not gone through in five seconds. Ask again when the ledger is less busy, or begin at a chain nearer to what you look for.");

    /// <summary>Too many answers that rest on very many entries are asked for at once.</summary>
    public static readonly Problem ReadsBusy = new(503, "reads-busy", "Too much is read at once", "What was asked for rests on very many entries, and others ask for as much: its turn did not come in five seconds. Ask again after Retry-After.");

    /// <summary>A checkpoint that this service, as a witness, does not cosign (C2SP tlog-witness).</summary>
    public static Problem Witness(int status, string detail) => status switch
    {
        StatusCodes.Status403Forbidden => new(status, "witness-unsigned", "Not signed by the log", detail),
        StatusCodes.Status404NotFound => new(status, "witness-log-unknown", "Unknown log", detail + " Ask its operator to add the log's verifier key."),
        StatusCodes.Status413PayloadTooLarge => new(status, "witness-too-large", "Too large", detail),
        StatusCodes.Status422UnprocessableEntity => new(status, "witness-inconsistent", "Not the same history", detail),
        _ => new(status, "witness-malformed", "No request to a witness", detail),
    };

    /// <summary>The media type of the body is none that this address reads.</summary>
    public static readonly Problem MediaType = new(415, "media-type", "Wrong media type", "Send one entry as application/sd-jwt, or many as application/x-ndjson with lines {\"sd_jwt\":\"…\"}.");

    /// <summary>Nobody names the document.</summary>
    public static readonly Problem AttachmentUnnamed = new(422, "attachment-unnamed", "No entry of yours names this document", "Documents are kept for entries that name them by this hash, and brought by the operator that signed such an entry; you signed none. Send the entry first, then the document.");

    /// <summary>The document is not as long as the entry says.</summary>
    public static readonly Problem AttachmentSize = new(422, "attachment-size", "Wrong length", "The entry names a document of another length. Nothing was kept: send the document that the entry names, whole.");

    /// <summary>The document has another hash than the entry says.</summary>
    public static readonly Problem AttachmentHash = new(422, "attachment-hash", "Wrong document", "These bytes do not have the hash that the entry names. Nothing was kept: send the document itself; a nonce is taken into the hash here.");

    /// <summary>No entry can name a document of that length.</summary>
    public static readonly Problem AttachmentTooLarge = new(413, "attachment-too-large", "The document is too large", "Documents have at most 33554432 bytes (32 MiB). Nothing was kept.");

    /// <summary>The document is named in a disclosure.</summary>
    public static readonly Problem AttachmentRestricted = new(403, "attachment-restricted", "The document is not public", "It is for those with a right to the disclosure that names it. Ask with a token.");

    /// <summary>The database does not answer, or lost an upload.</summary>
    public static readonly Problem AttachmentUnavailable = new(503, "unavailable", "The ledger cannot write now", "The database did not answer. Whether the document was kept is unknown: send the same bytes again; a retry is safe.");

    /// <summary>Nobody's bearer tokens are taken.</summary>
    public static readonly Problem TokenIssuerNone = new(401, "token-issuer-none", "No issuer is set", "This ledger takes no OpenID Connect tokens: its configuration names no issuer. Ask without a token, or as an enrolled operator.");

    /// <summary>A token for another use, or one that only its owner's key may bring.</summary>
    public static readonly Problem TokenTypeWrong = new(401, "token-type-wrong", "Token type wrong", "A person calls with an access token whose header says typ at+jwt or JWT, without crit, and which is not bound to a key (cnf). Ask the issuer for a bearer access token.");

    /// <summary>No signature, a shared secret, or an algorithm that is not known here.</summary>
    public static readonly Problem TokenAlgorithm = new(401, "token-algorithm", "Wrong signature algorithm", "Tokens are signed with RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or ES512. Let the issuer sign with one of these.");

    /// <summary>A token of somebody else.</summary>
    public static readonly Problem TokenIssuerUnknown = new(401, "token-issuer-unknown", "Unknown issuer", "The token's iss is not the issuer that this ledger trusts. Sign in at that one.");

    /// <summary>The issuer publishes no such key.</summary>
    public static readonly Problem TokenKeyUnknown = new(401, "token-key-unknown", "Unknown key", "The issuer publishes no key under the token's kid. If the issuer has only now changed its key, send the token again in half a minute; else ask it for a new token.");

    /// <summary>The signature is not the issuer's.</summary>
    public static readonly Problem TokenSignature = new(401, "token-signature", "Wrong signature", "The token's signature is not by the issuer's key. Send the token exactly as the issuer gave it.");

    /// <summary>A token for another service.</summary>
    public static readonly Problem TokenAudience = new(401, "token-audience", "Wrong audience", "The token's aud does not name this ledger. Ask the issuer for an access token for the audience that the ledger's operator has published.");

    /// <summary>Its time is over.</summary>
    public static readonly Problem TokenExpired = new(401, "token-expired", "Token expired", "The token's exp is over. Ask the issuer for a new one.");

    /// <summary>Its time has not come.</summary>
    public static readonly Problem TokenNotYetValid = new(401, "token-not-yet-valid", "Token not yet valid", "The token's nbf lies more than a minute ahead. Wait, and compare the issuer's clock.");

    /// <summary>Nobody is named.</summary>
    public static readonly Problem TokenSubject = new(401, "token-subject", "The token names nobody", "The token's sub must be 1 to 255 printable ASCII characters (OpenID Connect Core 1.0 section 2): what a person reads is recorded under it.");

    /// <summary>The issuer does not answer, or not with keys.</summary>
    public static readonly Problem TokenIssuerUnreachable = new(503, "token-issuer-unreachable", "The issuer does not answer", "The issuer could not be asked for its keys, so the token was neither accepted nor refused. Send it again after half a minute; without a token the public view is open.");

    /// <summary>Not a token, or one that two readers could read differently.</summary>
    public static Problem TokenMalformed(string detail) => new(401, "token-malformed", "Token malformed", detail);

    /// <summary>What a hostile or damaged submission is answered with, and a token that proves nothing.</summary>
    public static Problem Of(Fault fault) => new(
        fault.Failure switch
        {
            Failure.TooLarge => 413,
            Failure.SignatureInvalid => 403,
            Failure.TokenMalformed or Failure.TokenTypeWrong or Failure.TokenForeign or Failure.TokenMethodWrong or Failure.TokenAddressWrong or
            Failure.TokenTooLongLived or Failure.TokenNotYetValid or Failure.TokenExpired => 401,
            _ => 400,
        },
        fault.Failure.ToCode(),
        Title(fault.Failure.ToString()),
        fault.Detail);

    /// <summary>What a refused entry is answered with.</summary>
    public static Problem Of(Refusal refusal) => new(
        Status(refusal.Code),
        refusal.Code.ToCode(),
        Title(refusal.Code.ToString()),
        refusal.Code == RefusalCode.ReferenceUnresolved ? refusal.Detail + " Or its chain is closed to whoever signs: leave the reference out, or let the chain's holder make it." : refusal.Detail)
    {
        Head = refusal.Head,
    };

    private static int Status(RefusalCode code) => code switch
    {
        RefusalCode.EventUnknown or RefusalCode.DataInvalid or RefusalCode.ClaimInClear or RefusalCode.ClaimDisclosed or RefusalCode.LogForeign or
        RefusalCode.PredecessorMissing or RefusalCode.PredecessorForeign or RefusalCode.SubjectMalformed or RefusalCode.ChainUnknown or RefusalCode.ChainKindWrong or
        RefusalCode.ReferenceMissing or RefusalCode.ReferenceUnresolved or RefusalCode.ReferenceAmbiguous or RefusalCode.LineUnknown or
        RefusalCode.LinePurposeWrong or RefusalCode.ContentTooFine or RefusalCode.TakesNothing or RefusalCode.GivesNothing or RefusalCode.InputsMissing or RefusalCode.CorrectionForbidden or RefusalCode.ErasureForbidden or RefusalCode.KeyProofInvalid => 422,

        RefusalCode.AuthorityForeign or RefusalCode.LogKeyForeign or RefusalCode.OperatorUnknown or RefusalCode.OperatorSuspended or RefusalCode.KeyUnknown or RefusalCode.KeyRevoked or
        RefusalCode.KeyUseWrong or RefusalCode.SignatureInvalid or RefusalCode.AuthorityRequired or RefusalCode.RecoveryRequired or RefusalCode.RoleMissing or
        RefusalCode.KeeperRequired or RefusalCode.DelegationMissing or RefusalCode.IdentifierNotGranted or RefusalCode.LineNotYours => 403,

        RefusalCode.IdReused or RefusalCode.LogNotOpen or RefusalCode.LogAlreadyOpen or RefusalCode.KeyReused or RefusalCode.ChainExists or
        RefusalCode.ChainMoved or RefusalCode.IdentifierOverlap or RefusalCode.AliasTaken or RefusalCode.LineTaken or RefusalCode.LineWithdrawn or
        RefusalCode.QuantityExceeded or RefusalCode.ElementMassExceeded or RefusalCode.OutOfOrder or RefusalCode.AlreadySo => 409,

        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "Every refusal has a status in this table."),
    };

    private static string Title(string name)
    {
        var words = JsonNamingPolicy.KebabCaseLower.ConvertName(name).Replace('-', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }
}

/// <summary>One answer that says no.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Title">The same for every occurrence of the code.</param>
/// <param name="Detail">What is wrong here and what to do.</param>
public sealed record Problem(int Status, string Code, string Title, string Detail) : IResult
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where the chain stands, for an entry made for an older head.</summary>
    public ChainHead? Head { get; init; }

    /// <summary>The members of the answer (RFC 9457 section 3).</summary>
    public IReadOnlyDictionary<string, object> Members()
    {
        var members = new Dictionary<string, object> { ["type"] = "/problems/" + Code, ["title"] = Title, ["status"] = Status, ["detail"] = Detail, ["code"] = Code };
        if (Head is { } head)
        {
            members["head"] = new { sub = head.Subject, seq = head.Sequence, h = head.Hash.ToString() };
        }

        return members;
    }

    /// <summary>Sets the headers that go with it in whatever form it is told.</summary>
    public void SetHeaders(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        if (Status == StatusCodes.Status401Unauthorized)
        {
            // RFC 6750 section 3.1.
            response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        }

        if (Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "1";
        }
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = "application/problem+json";
        SetHeaders(httpContext.Response);
        await httpContext.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(Members(), Json), httpContext.RequestAborted);
    }
}
