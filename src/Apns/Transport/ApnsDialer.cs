using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using PushFanout.Apns.Transport.Http2;

namespace PushFanout.Apns.Transport;

/// <summary>A stream that speaks TLS and has agreed on HTTP/2, and the socket below it.</summary>
internal sealed record Dialled(SslStream Stream, WireStream Wire);

/// <summary>A connection, or why there is none.</summary>
internal readonly record struct DialResult(Dialled? Connection, string? Fault);

/// <summary>Resolves, connects and shakes hands; every time anew, so that a changed DNS answer counts from the next connection on.</summary>
internal sealed class ApnsDialer(ApnsCredential credential, ApnsClientOptions options)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private readonly SslStreamCertificateContext? clientCertificate = credential is ClientCertificate own
        ? SslStreamCertificateContext.Create(own.Certificate, own.Chain, offline: true)
        : null;

    private readonly string host = options.Endpoint.IdnHost;
    private readonly int port = options.Endpoint.Port;

    public async Task<DialResult> DialAsync(TimeProvider clock, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        Socket? socket = null;
        SslStream? stream = null;
        var certificate = new CertificateVerdict();
        try
        {
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var (nextHost, nextPort) = options.Proxy is { } proxy ? (proxy.Address.IdnHost, proxy.Address.Port) : (host, port);
            var addresses = await Dns.GetHostAddressesAsync(nextHost, either.Token);
            Random.Shared.Shuffle(addresses); // Apple asks to spread over its addresses
            await socket.ConnectAsync(addresses, nextPort, either.Token);
            if (options.Proxy is not null && await ProxyTunnel.OpenAsync(socket, options.Proxy, $"{host}:{port}", either.Token) is { } fault)
            {
                socket.Dispose();
                return new DialResult(null, fault);
            }
            var wire = new WireStream(socket);
            stream = new SslStream(wire, leaveInnerStreamOpen: false);
            await stream.AuthenticateAsClientAsync(TlsOptions(certificate), either.Token);
            if (stream.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
            {
                await stream.DisposeAsync();
                return new DialResult(null, "the server does not speak HTTP/2 (TLS without ALPN h2)");
            }
            return new DialResult(new Dialled(stream, wire), null);
        }
#pragma warning disable CA1031 // whatever goes wrong here is the reason why there is no connection
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (stream is null)
            {
                socket?.Dispose();
            }
            else
            {
                await stream.DisposeAsync();
            }
            return new DialResult(null, certificate.Fault ?? e switch
            {
                OperationCanceledException => $"no connection within {Timeout.TotalSeconds:0} s",
                SocketException socketError => $"no connection ({socketError.SocketErrorCode})",
                AuthenticationException { InnerException: { } inner } => $"TLS handshake failed ({inner.Message})",
                AuthenticationException => $"TLS handshake failed ({e.Message})",
                IOException => "the server ended the connection during the TLS handshake",
                _ => $"no connection ({e.GetType().Name})",
            });
        }
    }

    private SslClientAuthenticationOptions TlsOptions(CertificateVerdict verdict)
    {
        // Revocation is not checked: it would make every connection wait for a third party's server, and Apple's answer to a
        // compromised certificate is a new one, not an entry in a list.
        var chain = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (options.TrustedRoots is { } roots)
        {
            chain.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.CustomTrustStore.AddRange(roots);
        }
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            AllowRenegotiation = false, // HTTP/2 forbids it
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            CertificateChainPolicy = chain,
            ClientCertificateContext = clientCertificate,
            RemoteCertificateValidationCallback = verdict.Judge,
        };
    }

    /// <summary>Takes the platform's word on the certificate, and keeps it in words for the operator.</summary>
    private sealed class CertificateVerdict
    {
        public string? Fault { get; private set; }

        public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            {
                Fault = "the server showed no certificate";
            }
            else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            {
                var status = (chain?.ChainStatus ?? []).Select(part => part.Status).Distinct();
                Fault = $"the server's certificate is not trusted ({string.Join(", ", status)})";
            }
            else if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            {
                Fault = "the server's certificate is for another host";
            }
            return errors == SslPolicyErrors.None;
        }
    }
}
