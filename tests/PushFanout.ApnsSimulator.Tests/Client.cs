using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace PushFanout.ApnsSimulator.Tests;

/// <summary>What came back for one push.</summary>
internal sealed record Answer(int Status, string? Reason, long? Timestamp, HttpResponseHeaders Headers)
{
    public string? ApnsId => Headers.TryGetValues("apns-id", out var ids) ? ids.Single() : null;
}

/// <summary>A plain sender: one HTTP/2 connection over TLS that trusts the simulator's authority only.</summary>
internal sealed class Client : IDisposable
{
    public const string Topic = "com.example.shop";
    private readonly HttpClient http;

    public Client(SimulatorHost simulator, X509Certificate2? certificate = null)
    {
        Handler = new SocketsHttpHandler();
        Handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        Handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(simulator.TrustedRoots);
        if (certificate is not null)
        {
            Handler.SslOptions.ClientCertificates = [certificate];
        }
        http = new HttpClient(Handler)
        {
            BaseAddress = simulator.Endpoint,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public SocketsHttpHandler Handler { get; }

    /// <summary>A token of 32 bytes that starts with a number and is otherwise the same.</summary>
    public static byte[] Token(int number)
    {
        var token = new byte[32];
        Array.Fill(token, (byte)0xa5);
        BitConverter.TryWriteBytes(token, number);
        return token;
    }

    public static string Hex(byte[] token) => Convert.ToHexStringLower(token);

    /// <summary>A push that is right in everything; tests then spoil one thing.</summary>
    public static HttpRequestMessage Push(string? providerToken, string? token = null, string body = """{"aps":{"alert":"hi"}}""")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/3/device/{token ?? Hex(Token(1))}") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        if (providerToken is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", $"bearer {providerToken}");
        }
        request.Headers.TryAddWithoutValidation("apns-topic", Topic);
        request.Headers.TryAddWithoutValidation("apns-push-type", "alert");
        return request;
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request, CancellationToken cancellation = default)
    {
        using var _ = request;
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var response = await http.SendAsync(request, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (body.Length == 0)
        {
            return new Answer((int)response.StatusCode, null, null, response.Headers);
        }
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        var json = JsonSerializer.Deserialize<JsonElement>(body);
        var timestamp = json.TryGetProperty("timestamp", out var value) ? value.GetInt64() : (long?)null;
        return new Answer((int)response.StatusCode, json.GetProperty("reason").GetString(), timestamp, response.Headers);
    }

    public void Dispose() => http.Dispose();
}
