using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Demo;

namespace CriticalMinerals.Service.Log;

/// <summary>Which log this service keeps, and which keys its opening must name. Settled once, before the first request.</summary>
public sealed class LogIdentity(LedgerOptions options, LogKeys keys)
{
    private string? _origin;

    /// <summary>The log's name in every signature.</summary>
    public string Origin => _origin ?? throw new InvalidOperationException("The log's identity is not settled yet.");

    /// <summary>Authority, head and log key that the opening must name; null for a log that was opened before, where the log itself says so.</summary>
    public ExpectedOpening? Opening { get; private set; }

    /// <summary>Settles it as a log that stands already, as a verified checkpoint names it: which keys it has, its own opening says.</summary>
    /// <exception cref="StartupException">The database or the configuration is of another log.</exception>
    public void SettleAs(string origin, CommittedTree? committed)
    {
        var configured = options.Origin ?? (options.Demo ? DemoKeys.Origin : null);
        if (committed is not null && committed.Origin != origin)
        {
            throw new StartupException($"The database holds the log {committed.Origin}, and the files are of {origin}.");
        }

        _origin = configured is null || configured == origin ? origin : throw new StartupException($"The files are of the log {origin}, and Ledger__Origin says {configured}.");
    }

    /// <summary>Settles it from the configuration, else from the log that is there already, else as the demo's.</summary>
    /// <exception cref="StartupException">A new log lacks an origin or an authority, or a log that is there has another origin.</exception>
    public void Settle(CommittedTree? committed)
    {
        _origin = options.Origin ?? committed?.Origin ?? (options.Demo ? DemoKeys.Origin : null)
            ?? throw new StartupException("A new log needs a name: Ledger__Origin=host/path in lower case, e.g. ledger.example.com/log/2026. It never changes.");
        if (committed is not null && committed.Origin != _origin)
        {
            throw new StartupException($"The database holds the log {committed.Origin}, and Ledger__Origin says {_origin}. An origin never changes.");
        }

        var authority = options.Authority ?? (options.Demo && options.Origin is null ? DemoKeys.Authority(options.DataFolder) : null);
        if (authority is null && committed is not { Size: > 0 })
        {
            throw new StartupException("A new log needs its authority's public key: Ledger__Authority={\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"...\"}. `cml log open` makes it.");
        }

        if (authority is not null)
        {
            var jwk = StrictJson.Parse(Encoding.UTF8.GetBytes(authority), out var fault);
            var key = (jwk is null ? null : VerifyingKey.FromJwk(jwk.Value, out fault)) ?? throw new StartupException($"Ledger__Authority is no usable key: {fault!.Detail}");
            Opening = new ExpectedOpening(key.X, keys.Head.VerifyingKey.X, keys.Log.VerifyingKey.X);
        }
    }
}
