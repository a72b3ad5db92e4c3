using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Cli;

/// <summary>What the owner of a new key sends to whoever enters it in the ledger: nothing secret, and a proof that the owner has the key.</summary>
/// <param name="Origin">The log it is for.</param>
/// <param name="Use">What the key may sign.</param>
/// <param name="Key">Name, public key, proof.</param>
internal sealed record EnrolmentRequest(string Origin, string Use, KeyDeclaration Key)
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true };

    /// <summary>Whose key.</summary>
    internal string Operator => Names.OperatorOf(Key.Kid);

    /// <summary>What the owner reads aloud, so that whoever enters the key knows it for the owner's.</summary>
    internal Digest Thumbprint => VerifyingKey.FromX(Key.Jwk.X, out _)!.Thumbprint();

    internal string ToJson() => JsonSerializer.Serialize(this, Form) + "\n";

    /// <summary>Reads a request and checks its proof.</summary>
    internal static EnrolmentRequest Read(string path, string origin)
    {
        EnrolmentRequest? request;
        try
        {
            request = Files.ReadObject(path).Deserialize<EnrolmentRequest>(Form);
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path} is no enrolment request: {e.Message}");
        }

        if (request is null || !Names.IsKeyId(request.Key.Kid) || VerifyingKey.FromX(request.Key.Jwk.X, out _) is not { } key ||
            !KeyProof.Verify(key, request.Origin, request.Operator, request.Key.Kid, request.Use, request.Key.Proof))
        {
            throw new UsageException($"{path}: the proof is not by the key it names. Ask its owner for another request, made by cml key new.");
        }

        return request.Origin == origin ? request : throw new UsageException($"{path} is for {request.Origin}; this ledger is {origin}.");
    }
}
