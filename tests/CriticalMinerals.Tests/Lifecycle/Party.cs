using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>Somebody with a key.</summary>
internal sealed record Party(string Did, string KeyId, SigningKey Key)
{
    public static Party Of(string did, string keyName = "1") => new(did, $"{did}#{keyName}", SigningKey.Generate());
}
