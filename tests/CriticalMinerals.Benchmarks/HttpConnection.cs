using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CriticalMinerals.Benchmarks;

/// <summary>
/// One kept-alive HTTP/1.1 connection that posts entries one after the other. Written out by hand so that the load costs little of the two cores that the
/// service is measured on.
/// </summary>
internal sealed class HttpConnection : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private HttpConnection(Socket socket) => _stream = new NetworkStream(socket, ownsSocket: true);

    internal static async Task<HttpConnection> OpenAsync(IPEndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address);
        return new HttpConnection(socket);
    }

    /// <summary>The request of one entry, ready to be sent.</summary>
    internal static byte[] Request(string sdJwt) => Encoding.ASCII.GetBytes(
        $"POST /entries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sd-jwt\r\nContent-Length: {sdJwt.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n{sdJwt}");

    internal Task<int> PostAsync(string sdJwt) => SendAsync(Request(sdJwt));

    /// <summary>Sends and waits for the whole answer; returns its status.</summary>
    internal async Task<int> SendAsync(byte[] request)
    {
        await _stream.WriteAsync(request);
        var length = 0;
        while (true)
        {
            var read = await _stream.ReadAsync(_buffer.AsMemory(length));
            if (read == 0)
            {
                throw new InvalidOperationException("The service closed the connection.");
            }

            length += read;
            if (Status(_buffer.AsSpan(0, length)) is { } status)
            {
                return status;
            }
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static int? Status(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = Encoding.ASCII.GetString(answer[..end]);
        var body = answer[(end + 4)..];
        var at = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        var whole = at < 0
            ? body.EndsWith("0\r\n\r\n"u8) // chunked
            : body.Length >= int.Parse(head.AsSpan(at + 16, head.IndexOf('\r', at) is > 0 and var stop ? stop - at - 16 : head.Length - at - 16), CultureInfo.InvariantCulture);
        return whole ? int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture) : null;
    }
}
