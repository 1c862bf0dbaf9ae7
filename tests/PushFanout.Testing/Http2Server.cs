using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace PushFanout.Testing;

/// <summary>What a server answers to every path that begins with <paramref name="PathPrefix"/>.</summary>
public sealed record FixedAnswer(string PathPrefix, int Status, string Body);

/// <summary>How somebody else's HTTP/2 server of a test or a bench runs.</summary>
public sealed record Http2ServerOptions
{
    /// <summary>Whether the server notes every request, see <see cref="Http2Server.RequestedPaths"/>. Costs it time.</summary>
    public bool KeepsLog { get; init; }
    /// <summary>Answers that are not an empty 200. Not nghttpd, which answers with files.</summary>
    public IReadOnlyList<FixedAnswer> Answers { get; init; } = [];
    /// <summary>nginx only: a connection is ended after so many requests.</summary>
    public int RequestsPerConnection { get; init; } = 1_000_000_000;
    /// <summary>nghttpd only: further arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
    /// <summary>Program and arguments that start the server, for example on a core of its own.</summary>
    public IReadOnlyList<string> StartWith { get; init; } = [];
}

/// <summary>
/// nginx, h2o or nghttpd on loopback, over TLS with a certificate of its own. They know nothing of us: what our HTTP/2 gets wrong and our own servers as well
/// comes out here.
/// </summary>
public sealed class Http2Server : ServerProcess
{
    private readonly Http2ServerOptions _options;
    private readonly LoopbackCertificate _certificate;
    private readonly Func<Http2Server, string[]> _command;

    private Http2Server(string program, int port, Http2ServerOptions options, Func<Http2Server, string[]> command) : base(program, port)
    {
        _options = options;
        _certificate = LoopbackCertificate.Make(Folder);
        _command = command;
        Directory.CreateDirectory(DocumentFolder);
    }

    /// <summary>Scheme, host and port.</summary>
    public Uri Endpoint => new($"https://127.0.0.1:{Port}");

    /// <summary>The only root that its clients have to trust, as PEM.</summary>
    public string AuthorityFile => _certificate.File;

    /// <summary>What nghttpd answers with: 200 and the file for a path that is there, else 404 and a page.</summary>
    public string DocumentFolder => Path.Combine(Folder, "documents");

    private string LogFile => Path.Combine(Folder, "requests.txt");

    /// <summary>Starts nginx.</summary>
    public static Task<Http2Server> StartNginxAsync(Http2ServerOptions options) =>
        StartAsync("nginx", options, server => ["-c", server.Write(Http2ServerConfiguration.Nginx(options, server.Port, server._certificate, server.Folder, server.LogFile))]);

    /// <summary>Starts h2o.</summary>
    public static Task<Http2Server> StartH2oAsync(Http2ServerOptions options) =>
        StartAsync("h2o", options, server => ["--conf", server.Write(Http2ServerConfiguration.H2o(options, server.Port, server._certificate, server.Folder, server.LogFile))]);

    /// <summary>Starts nghttpd, the server of the nghttp2 library.</summary>
    public static Task<Http2Server> StartNghttpdAsync(Http2ServerOptions options) => StartAsync("nghttpd", options, server =>
    [
        .. options.KeepsLog ? (IEnumerable<string>)["--verbose"] : [], "--address=127.0.0.1", $"--htdocs={server.DocumentFolder}", .. options.Arguments,
        $"{server.Port}", server._certificate.KeyFile, server._certificate.File,
    ]);

    /// <summary>The path of every request that the server noted, in its order; complete once the server was stopped.</summary>
    public IEnumerable<string> RequestedPaths()
    {
        const string Path = ":path: "; // nghttpd writes down everything
        foreach (var line in File.ReadLines(LogFile))
        {
            if (Name != "nghttpd")
            {
                yield return line;
            }
            else if (line.IndexOf(Path, StringComparison.Ordinal) is var at and > 0)
            {
                yield return line[(at + Path.Length)..];
            }
        }
    }

    private protected override TimeSpan StartDeadline => Eventually.Patience;

    private protected override (ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, bool>) Handshake =>
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"u8.ToArray(), answer => answer.Length > 9 && answer.Span[3] == 4); // SETTINGS for SETTINGS

    private protected override ChildProcess Launch()
    {
        string[] command = [.. _options.StartWith, Programs.Find(Name), .. _command(this)];
        return Name == "nghttpd" && _options.KeepsLog
            ? ChildProcess.Start("/bin/sh", ["-c", $"exec \"$@\" >>{LogFile}", "sh", .. command])
            : ChildProcess.Start(command[0], command[1..]);
    }

    private protected override async Task<Stream> OpenAsync(TcpClient client, CancellationToken cancellationToken)
    {
        var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "127.0.0.1",
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { _certificate.Certificate },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                },
                cancellationToken).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static Task<Http2Server> StartAsync(string program, Http2ServerOptions options, Func<Http2Server, string[]> command) =>
        StartOnFreePortAsync(port => new Http2Server(program, port, options, command), CancellationToken.None);

    private string Write(string configuration)
    {
        var file = Path.Combine(Folder, $"{Name}.conf");
        File.WriteAllText(file, configuration);
        return file;
    }
}
