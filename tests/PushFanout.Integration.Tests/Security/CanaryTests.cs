using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Cli;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Security;

/// <summary>
/// A worker that logs everything it can, exports everything it can, and meets most of what can go wrong, with secrets that can be told from
/// anything else: none of them may be in what leaves the process.
/// </summary>
public sealed class CanaryTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly TemporaryFolder _folder = new();
    private readonly List<(string What, byte[] Bytes)> _canaries = [];
    private TelemetrySink _telemetry = null!;
    private RedisServer _redis = null!;
    private TestInstallation _installation = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _telemetry = await TelemetrySink.StartAsync();
        var redisPassword = Canary("the password of Redis");
        _redis = await RedisServer.StartAsync(new RedisServerOptions { Password = redisPassword });
        _installation = await TestInstallation.CreateAsync(redis: _redis.ConnectionString);
        var port = FreePort.Next();
        var apiKey = Canary("the API key");
        _installation.Set("Http:Urls", $"http://127.0.0.1:{port}");
        _installation.Set("Http:ApiKeyFile", Secret("api-key", apiKey));
        var brokerPassword = Canary("the password of RabbitMQ");
        if (await Servers.TryAddUserAsync(_installation.RabbitMq, "operator", brokerPassword))
        {
            _installation.Set("RabbitMq:Uri", new UriBuilder(_installation.RabbitMq) { UserName = "operator", Password = "" }.Uri.ToString());
            _installation.Set("RabbitMq:PasswordFile", Secret("rabbitmq", brokerPassword));
        }
        _installation.Set("Redis:PasswordFile", Secret("redis", redisPassword));
        _installation.Set("Brake:Window", "00:00:01"); // so long a bad token keeps a send open
        foreach (var line in File.ReadLines(_installation.Simulator.DemoKeyFile!).Where(line => !line.StartsWith('-')))
        {
            _canaries.Add(("the key file", Encoding.ASCII.GetBytes(line[..Math.Min(line.Length, 40)])));
        }
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public async Task DisposeAsync()
    {
        await _installation.DisposeAsync();
        await _redis.DisposeAsync();
        await _telemetry.DisposeAsync();
    }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task No_secret_token_payload_or_user_leaves_a_worker_in_a_log_metric_or_trace()
    {
        var worker = await StartWorkerAsync();
        var service = await _installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, "#");
        await service.ListenAsync(Exchanges.NotificationRejected, "#");

        var (user, device, payload) = (Canary("a user id"), Canary("a device id"), Canary("the payload"));
        var tokens = Enumerable.Range(0, 6).Select(_ => TokenCanary()).ToArray();
        for (var i = 0; i < tokens.Length; i++)
        {
            await PostAsync(200, $"/api/apps/{TestInstallation.App}/devices", $$"""{"token":"{{Hex(tokens[i])}}","userId":"{{user}}","deviceId":"{{device}}-{{i}}","audiences":["news"]}""");
        }
        _installation.Simulator.Tokens.Answer(tokens[0], 410, "Unregistered");
        _installation.Simulator.Tokens.Answer(tokens[1], 400, "BadDeviceToken");
        _installation.Simulator.Tokens.Answer(tokens[2], 503, "ServiceUnavailable", times: 1);
        _installation.Simulator.Tokens.Strike(tokens[3], Fault.DropConnection(), times: 1);
        _installation.Simulator.Tokens.Answer(tokens[4], 418, "I am " + Hex(tokens[4]), times: 1);

        var id = Guid.NewGuid();
        var good = Requests.Json(id, $$"""{"users":["{{user}}"],"tokens":["{{Hex(tokens[5])}}","{{Hex(tokens[5])}}zz"]}""", PayloadOf(payload));
        await PostAsync(202, "/api/notifications", good);
        Assert.Equal(id, (await service.NextAsync()).GetProperty("notificationId").GetGuid());
        await PostAsync(200, $"/api/notifications/{id}/explain", $$"""{"token":"{{Hex(tokens[0])}}"}""");
        await PostAsync(200, $"/api/notifications/{id}/explain", $$"""{"userId":"{{user}}"}""");

        // Everything that is wrong, with the canaries where they must not be repeated.
        var wrong = Requests.Json(Guid.NewGuid(), $$"""{"tokens":"{{Hex(tokens[0])}}","anyOf":["{{user}}"]}""", $$"""{"payload":"{{payload}}","priority":"x","{{Hex(tokens[1])}}":1}""");
        await PostAsync(422, "/api/notifications", wrong);
        await PostAsync(422, $"/api/apps/{TestInstallation.App}/devices", $$"""{"token":"{{Hex(tokens[0])}}z","userId":["{{user}}"]}""");
        await PostAsync(400, "/api/notifications", $$"""{"payload":"{{payload}}" "{{Hex(tokens[0])}}""");
        using (var repeated = new HttpRequestMessage(HttpMethod.Post, "/api/notifications") { Content = new StringContent(wrong, Encoding.UTF8, "application/json") })
        {
            repeated.Headers.Add("Idempotency-Key", Canary("an idempotency key"));
            using var refused = await _http.SendAsync(repeated);
            Assert.Equal(422, (int)refused.StatusCode);
        }
        using (var misplaced = await _http.GetAsync($"/api/apps/{TestInstallation.App}/devices/{Hex(tokens[0])}?user={user}"))
        {
            Assert.Equal(404, (int)misplaced.StatusCode);
            Assert.DoesNotContain(Hex(tokens[0]), await misplaced.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        }
        using (var stranger = new HttpRequestMessage(HttpMethod.Get, "/api/notifications"))
        {
            stranger.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Canary("a wrong API key"));
            using var refused = await _http.SendAsync(stranger);
            Assert.Equal(401, (int)refused.StatusCode);
        }
        await service.PublishAsync(Exchanges.NotificationRequested, wrong);
        await service.NextAsync();
        await service.PublishAsync(Exchanges.NotificationRequested, $$"""{"notificationId":"{{Hex(tokens[0])}}","payload":"{{payload}}"}""");
        await service.PublishAsync(Exchanges.DeviceRegistered, $$"""{"token":"{{Hex(tokens[0])}}","app":"{{user}}","userId":"{{payload}}""");
        await service.PublishAsync("pushfanout.push-batch.short", $$"""PF{"token":"{{Hex(tokens[0])}}"}""", "application/vnd.pushfanout.work");

        // APNs, or what stands before it, repeats a request in its good-bye.
        _installation.Simulator.SendGoAway(new GoAwayFrame { Debug = $"no handler for /3/device/{Hex(tokens[2])}" });

        // Redis away in the middle of a send, so that there are exceptions with commands in them.
        _redis.Suspend();
        var second = Guid.NewGuid();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(second, """{"anyOf":["news"]}""", PayloadOf(payload)));
        await PostAsync(503, $"/api/apps/{TestInstallation.App}/devices", $$"""{"token":"{{Hex(tokens[0])}}","userId":"{{user}}"}""");
        _redis.Resume();
        Assert.Equal(second, (await service.NextAsync()).GetProperty("notificationId").GetGuid());

        var metrics = await _http.GetStringAsync("/metrics");
        worker.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await worker.WaitForExitAsync(Patience));
        var written = worker.Output;
        var traces = _telemetry.Received("/v1/traces");

        // That there is something to search in.
        Assert.Contains("dbug: MassTransit", written, StringComparison.Ordinal);
        Assert.Contains("no handler for", written, StringComparison.Ordinal);
        Assert.Contains(id.ToString(), written, StringComparison.Ordinal);
        Assert.Contains("pushfanout_push_answers_total", metrics, StringComparison.Ordinal);
        Assert.Contains("pushfanout.push", _telemetry.Received("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains("POST /3/device/{token}", traces, StringComparison.Ordinal);
        Assert.Contains("POST /api/apps/{app}/devices", traces, StringComparison.Ordinal);
        foreach (var (where, text) in new[] { ("the log", written), ("/metrics", metrics), ("the traces", traces), ("the metrics exported", _telemetry.Received("/v1/metrics")) })
        {
            foreach (var (what, bytes) in _canaries)
            {
                AssertNotIn(text, bytes, $"{what} is in {where}");
            }
            Assert.DoesNotMatch(new Regex("eyJ[A-Za-z0-9_-]{10,}\\."), text); // a JWT
        }
    }

    private async Task<ChildProcess> StartWorkerAsync()
    {
        _installation.SetVariable("OTEL_EXPORTER_OTLP_ENDPOINT", _telemetry.Url);
        _installation.SetVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        foreach (var category in new[] { "Default", "Microsoft", "Microsoft.AspNetCore", "MassTransit", "System" })
        {
            _installation.SetVariable($"Logging:LogLevel:{category}", "Trace");
        }
        var worker = await _installation.StartWorkerProcessAsync(keptLines: int.MaxValue);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await _http.GetAsync("/health/live")).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            Patience, "the worker listens");
        return worker;
    }

    private async Task PostAsync(int status, string path, string json)
    {
        using var answer = await _http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.True((int)answer.StatusCode == status, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static void AssertNotIn(string text, byte[] canary, string message)
    {
        var plain = Encoding.Latin1.GetString(canary);
        foreach (var form in new[] { plain, Convert.ToHexString(canary), Convert.ToBase64String(canary)[..^4], Uri.EscapeDataString(plain) })
        {
            var at = text.IndexOf(form, StringComparison.OrdinalIgnoreCase);
            Assert.True(at < 0, $"{message}: {(at < 0 ? "" : text[Math.Max(0, at - 300)..Math.Min(text.Length, at + form.Length + 100)])}");
        }
    }

    private string Canary(string what)
    {
        var canary = "canary-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        _canaries.Add((what, Encoding.ASCII.GetBytes(canary)));
        return canary;
    }

    private byte[] TokenCanary()
    {
        var token = RandomNumberGenerator.GetBytes(32);
        _canaries.Add(("a device token", token));
        _canaries.Add(("half of a device token", token[..16]));
        return token;
    }

    private string Secret(string name, string text)
    {
        var path = _folder.Write(name, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        return path;
    }

    private static string PayloadOf(string alert) => new JsonObject { ["payload"] = new JsonObject { ["aps"] = new JsonObject { ["alert"] = alert } } }.ToJsonString();

    private static string Hex(byte[] token) => Convert.ToHexStringLower(token);
}
