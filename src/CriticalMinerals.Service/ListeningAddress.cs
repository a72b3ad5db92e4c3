using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace CriticalMinerals.Service;

/// <summary>Whether the addresses to listen on are free, asked before anything is started: the web server finds out last, and says it with a stack trace.</summary>
internal static class ListeningAddress
{
    /// <summary>Binds each address of <c>--urls</c> as the web server will, and lets it go.</summary>
    /// <exception cref="StartupException">Another program listens on one, or it is no address.</exception>
    internal static void RequireFree(WebApplication app)
    {
        // Endpoints configured for the web server itself take the place of --urls; a server without addresses is one inside a test.
        if (app.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any() || app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>() is null)
        {
            return;
        }

        foreach (var url in app.Configuration[WebHostDefaults.ServerUrlsKey]!.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            Require(url);
        }
    }

    private static void Require(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
            {
                return;
            }

            // Of a name the web server takes only the port, but for localhost.
            var host = IPAddress.TryParse(address.Host, out var given) ? given : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : IPAddress.Any;
            using var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(host, address.Port));
            socket.Listen();
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new StartupException($"Another program listens on {url}. Stop it, or choose another address: --urls http://127.0.0.1:5081", taken);
        }
        catch (FormatException malformed)
        {
            throw new StartupException($"--urls: {url} is no address to listen on, such as {LedgerOptions.DefaultUrl}.", malformed);
        }
    }
}
