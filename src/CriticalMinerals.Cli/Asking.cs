using System.CommandLine;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Cli;

/// <summary>What all commands that read from a ledger share: as whom they ask and what for. Without <c>--as</c> they ask as the public.</summary>
/// <param name="hasPurpose">Whether what it asks for is said too; where something is brought and not read it is not.</param>
internal sealed class Asking(bool hasPurpose = true)
{
    private readonly Option<string?> _key = new("--as") { Description = "Private key file of an enrolled operator (PKCS#8 PEM): " + (hasPurpose ? "read what it may read. The ledger records who read what and why." : "as whom to bring it.") };
    private readonly Option<string?> _keyId = new("--kid") { Description = "Key id in full, did:web:…#name; by default from the .kid file beside the key." };
    private readonly Option<string?> _purpose = new("--purpose") { Description = "As whom it asks, such as repairer, recycler or market-surveillance: it says which restricted data is opened, and is recorded with the read." };

    /// <summary>Adds the options.</summary>
    internal void AddTo(Command command)
    {
        foreach (var option in (Option[])[_key, _keyId, .. hasPurpose ? [_purpose] : (Option[])[]])
        {
            command.Add(option);
        }
    }

    /// <summary>Whether the command was told as whom to ask.</summary>
    internal bool HasCaller(ParseResult parsed) => parsed.GetValue(_key) is not null;

    /// <summary>Reads from a ledger as whom the options name; the key is there as long as the reading takes.</summary>
    internal async Task<T> WithAsync<T>(ParseResult parsed, HttpClient http, Func<LedgerApi, Task<T>> read, CancellationToken cancellation)
    {
        var stranger = new LedgerApi(http);
        var purpose = parsed.GetValue(_purpose);
        if (parsed.GetValue(_key) is not { } path)
        {
            return purpose is null && parsed.GetValue(_keyId) is null
                ? await read(stranger)
                : throw new UsageException(hasPurpose ? "--purpose and --kid say more of who asks: give --as." : "--kid says more of who asks: give --as.");
        }

        if (purpose is not null && !CallerToken.IsPurpose(purpose))
        {
            throw new UsageException("--purpose is a word of lower-case letters, digits and hyphens, a letter first, at most 64.");
        }

        var keyId = Files.KeyIdOf(path, parsed.GetValue(_keyId));
        using var key = Files.ReadKey(path);

        // A ledger that says it is another gains nothing: tokens are for the address that was asked, too.
        var origin = (await stranger.GetLogAsync(cancellation)).Origin;
        return await read(new LedgerApi(http, new Caller(origin, keyId, key, purpose)));
    }
}
