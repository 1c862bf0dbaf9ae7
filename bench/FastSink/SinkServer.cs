using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using PushFanout.Testing;

namespace PushFanout.FastSink;

/// <summary>Listens on loopback and gives each connection a thread; connections are few, and threads that block cost less than awaits.</summary>
internal sealed class SinkServer : IDisposable
{
    private const int MaxConnections = 256;

    private readonly SinkOptions _options;
    private readonly SslServerAuthenticationOptions _tls;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock _gate = new();
    private readonly List<SinkConnection> _open = [];
    private SinkTally _closed = new(0, 0, 0, 0, 0, 0);

    public SinkServer(SinkOptions options, LoopbackCertificate certificate)
    {
        _options = options;
        _tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, null, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, options.Port));
        _listener.Listen();
        new Thread(Accept) { IsBackground = true, Name = "accept" }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public SinkTally Tally
    {
        get
        {
            lock (_gate)
            {
                return _closed with
                {
                    Answered = _closed.Answered + _open.Sum(connection => connection.Answered),
                    BodyBytes = _closed.BodyBytes + _open.Sum(connection => connection.BodyBytes),
                    Connections = _closed.Connections + _open.Count,
                    Resets = _closed.Resets + _open.Sum(connection => connection.Resets),
                    CpuSeconds = Environment.CpuUsage.TotalTime.TotalSeconds,
                };
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return; // the sink ends
            }
            socket.NoDelay = true;
            new Thread(() => Serve(socket)) { IsBackground = true, Name = "connection" }.Start();
        }
    }

    private void Serve(Socket socket)
    {
        using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            stream.AuthenticateAsServer(_tls);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return; // somebody who does not trust us, or does not speak TLS
        }
        var connection = new SinkConnection(_options, socket, stream);
        lock (_gate)
        {
            if (_open.Count == MaxConnections)
            {
                return;
            }
            _open.Add(connection);
        }
        var proper = connection.Run();
        lock (_gate)
        {
            _open.Remove(connection);
            _closed = new SinkTally(
                _closed.Answered + connection.Answered, _closed.BodyBytes + connection.BodyBytes, _closed.Connections + 1,
                _closed.Resets + connection.Resets, _closed.Violations + (proper ? 0 : 1), 0);
        }
    }
}
