using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Wolverine.Http;

namespace CriticalMinerals.Service.Operators;

/// <summary>
/// DID documents of operators whose DID stands under our host, for discovery: verifiers take keys from the log itself and resolve no DID.
/// </summary>
public static class GetOperator
{
    /// <summary>The document (W3C DID Core, did:web) of <c>did:web:&lt;host&gt;:operators:&lt;id&gt;</c>.</summary>
    [WolverineGet("/operators/{id}/did.json")]
    public static async Task<IResult> DidAsync(string id, HttpContext context, [NotBody] SignedLog log, [NotBody] PublicAddress address, [NotBody] EntryReader entries, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-cache";
        foreach (var host in (string[])[log.Origin.Split('/')[0], new Uri(address.Root).Authority])
        {
            var did = $"did:web:{host.Replace(":", "%3A", StringComparison.Ordinal)}:operators:{id}";
            if (Names.IsOperator(did) && await entries.StateAsync(did, cancel) is OperatorState state)
            {
                return Results.Json(Document(did, state.Keys));
            }
        }

        return Problems.NotFound;
    }

    private static JsonObject Document(string did, KeyRing keys) => new()
    {
        ["@context"] = new JsonArray("https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"),
        ["id"] = did,
        ["verificationMethod"] = new JsonArray([.. keys.All.Select(k => (JsonNode)new JsonObject
        {
            ["id"] = k.KeyId,
            ["type"] = "JsonWebKey",
            ["controller"] = did,
            ["publicKeyJwk"] = new JsonObject { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = k.X },
        })]),

        // Revoked keys stay listed, so that old signatures can be checked, and assert nothing any more.
        ["assertionMethod"] = new JsonArray([.. keys.All.Where(k => k.RevokedAt is null).Select(k => (JsonNode)k.KeyId)]),
    };
}
