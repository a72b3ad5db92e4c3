using CriticalMinerals.Lifecycle.Values;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace CriticalMinerals.Service;

/// <summary>
/// Where the world finds this ledger: <c>Ledger__PublicUrl</c>, and nothing that a request says of itself. Without it, the address listened on, which only
/// this machine reaches.
/// </summary>
public sealed class PublicAddress(LedgerOptions options, IServer server)
{
    /// <summary>Whether nobody but this machine can follow <see cref="Root"/>.</summary>
    public bool IsThisMachineOnly => options.PublicUrl is null;

    /// <summary>Scheme, host and port, without a trailing slash.</summary>
    public string Root => options.PublicUrl ?? Listening;

    /// <summary>The address of a battery's page.</summary>
    public string Of(string battery) => $"{Root}/{Gs1.Path(battery)}";

    /// <summary>What its QR code says: the same address in upper case, which makes a smaller symbol. Hosts and schemes have no case, our paths are upper case or have none.</summary>
    public string QrText(string battery) => Of(battery).ToUpperInvariant();

    /// <summary>An http address that this process listens on, as this machine reaches it.</summary>
    public string Listening
    {
        get
        {
            var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            var address = addresses.FirstOrDefault(a => a.StartsWith("http:", StringComparison.Ordinal)) ?? addresses.FirstOrDefault() ?? LedgerOptions.DefaultUrl;
            foreach (var any in (string[])["//0.0.0.0", "//[::]", "//*", "//+"])
            {
                address = address.Replace(any, "//127.0.0.1", StringComparison.Ordinal);
            }

            return address.TrimEnd('/');
        }
    }
}
