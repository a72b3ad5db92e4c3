using System.Net;

namespace CriticalMinerals.Tests.Client;

/// <summary>A web server that serves the files of a folder and knows nothing else; every other path is a page that says 404.</summary>
internal sealed class StaticFiles : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _folder;

    public StaticFiles(string folder)
    {
        _folder = folder;
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }

        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var file = Path.Combine(_folder, context.Request.Url!.AbsolutePath[1..]);
            var found = File.Exists(file);
            var bytes = found ? await File.ReadAllBytesAsync(file) : "<html>404</html>"u8.ToArray();
            context.Response.StatusCode = found ? 200 : 404;
            context.Response.ContentType = found ? "application/octet-stream" : "text/html";
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
    }
}
