using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace PushFanout.Bench.Engine;

/// <summary>
/// .NET's own client, as fast as its settings make it: no proxy, cookies, redirects or activity headers, no timer per request, headers taken
/// unchecked, only response headers awaited.
/// </summary>
internal sealed class HttpClientLoad : IPushLoad
{
    private readonly int _inFlight;
    private readonly HttpMessageInvoker _client;
    private readonly Uri[] _devices;

    public HttpClientLoad(Uri endpoint, string authorityFile, int connections)
    {
        _inFlight = connections * PushWork.InFlightPerConnection;
        var trust = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, TrustMode = X509ChainTrustMode.CustomRootTrust };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(authorityFile));
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = connections > 1,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust },
        });
        _devices = [.. PushWork.Tokens().Select(token => new Uri(endpoint, PushWork.Path(token)))];
    }

    public int? Connections => null;

    public async Task<long> SendAsync(int pushes)
    {
        var (left, accepted) = (pushes, 0L);
        await Task.WhenAll(Enumerable.Range(0, _inFlight).Select(_ => LoopAsync()));
        return accepted;

        async Task LoopAsync()
        {
            for (int push; (push = Interlocked.Decrement(ref left)) >= 0;)
            {
                using var request = Request(_devices[push % _devices.Length]);
                using var response = await _client.SendAsync(request, CancellationToken.None);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref accepted);
                }
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static HttpRequestMessage Request(Uri device)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, device)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(PushWork.Body),
        };
        request.Headers.TryAddWithoutValidation("authorization", PushWork.Bearer);
        request.Headers.TryAddWithoutValidation("apns-topic", PushWork.Topic);
        request.Headers.TryAddWithoutValidation("apns-push-type", PushWork.PushType);
        return request;
    }
}
