using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>An HTTP proxy that answers CONNECT as a test wants, and then leads to where it was asked to.</summary>
internal sealed class RawProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly string answer;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task serving;

    /// <param name="answer">All that it says; when it begins with 200 bytes go through afterwards.</param>
    public RawProxy(string answer = "200 Connection established\r\nVia: test\r\n\r\n")
    {
        this.answer = "HTTP/1.1 " + answer;
        listener.Start();
        serving = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>The last request, head and all.</summary>
    public string Request { get; private set; } = "";

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await serving;
        stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> tunnels = [];
        try
        {
            while (true)
            {
                tunnels.Add(TunnelAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        using var near = client;
        try
        {
            var stream = near.GetStream();
            var request = new List<byte>();
            var one = new byte[1];
            while (!Encoding.ASCII.GetString([.. request]).EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one, stopping.Token);
                request.Add(one[0]);
            }
            Request = Encoding.ASCII.GetString([.. request]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stopping.Token);
            if (!answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            {
                return;
            }
            var target = Request.Split(' ')[1].Split(':');
            using var far = new TcpClient { NoDelay = true };
            await far.ConnectAsync(target[0], int.Parse(target[1], System.Globalization.CultureInfo.InvariantCulture), stopping.Token);
            await Task.WhenAny(stream.CopyToAsync(far.GetStream(), stopping.Token), far.GetStream().CopyToAsync(stream, stopping.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // one of the two went away
        }
    }
}
