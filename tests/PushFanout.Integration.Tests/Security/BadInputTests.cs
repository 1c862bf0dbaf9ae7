using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.TokenCache;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Integration.Tests.Security;

/// <summary>What is wrong ends in one clear answer, on a whole worker: nothing is lost, nothing is tried for ever, and what is right beside it goes on.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private const string OtherApp = "shop-ios-dev";

    private TestInstallation _installation = null!;
    private PlainAmqpClient _service = null!;

    public async Task InitializeAsync()
    {
        _installation = await TestInstallation.CreateAsync();
        _installation.Set($"Apps:{OtherApp}:Topic", TestInstallation.Topic);
        _installation.Set($"Apps:{OtherApp}:Environment", "sandbox");
        _installation.Set($"Apps:{OtherApp}:Credential", "main");
        _installation.Set("Dispatch:MaxAttempts", "2");
        await _installation.StartWorkerAsync();
        _service = await _installation.ConnectAsync();
        await _service.ListenAsync(Exchanges.NotificationCompleted, "#");
        await _service.ListenAsync(Exchanges.NotificationRejected, "#");
        await _installation.Devices.RegisterAsync(
            TestInstallation.App, new DeviceRegistration(Requests.Token(1), TimeProvider.System.GetUtcNow(), "phone", "alice", ["news"]), default);
    }

    public async Task DisposeAsync() => await _installation.DisposeAsync();

    [Fact]
    public async Task What_is_not_JSON_is_parked_with_the_reason_and_the_byte()
    {
        (string Body, string Reason)[] cases =
        [
            ("""{"payload":""" + new string('[', 100_000), "JSON nested deeper than 64 levels at byte 74"),
            ("""{"app":"shop-ios","payload":{"aps":{"alert":"\ud83d"}}}""", "half a surrogate pair in the string at byte 44"),
            ("""{"app":"shop-ios","audien""", "JSON that breaks off after byte 18"),
            ("""{"app":"shop-ios"} x""", "not JSON after byte 19"),
        ];
        foreach (var (body, reason) in cases)
        {
            await _service.PublishAsync(Exchanges.NotificationRequested, body);
            var parked = await _service.TakeAsync("pushfanout.parked");
            Assert.Equal(body, Encoding.UTF8.GetString(parked.Body.Span));
            Assert.Equal(reason, Encoding.UTF8.GetString((byte[])parked.BasicProperties.Headers!["pushfanout-parked-reason"]!));
        }
        await AssertOthersFlowAsync();
    }

    [Fact]
    public async Task A_content_type_that_is_none_neither_stops_a_queue_nor_loses_a_message()
    {
        foreach (var contentType in new[] { "garbage", "text/plain; charset=\"", "application/", "\u0001\u0002" })
        {
            var id = Guid.NewGuid();
            await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"users":["alice"]}"""), contentType);
            Assert.Equal(id, (await _service.NextAsync()).GetProperty("notificationId").GetGuid());
            await _service.PublishAsync(Exchanges.NotificationRequested, "not JSON", contentType);
            Assert.Equal("not JSON", Encoding.UTF8.GetString((await _service.TakeAsync("pushfanout.parked")).Body.Span));
        }
    }

    [Fact]
    public async Task An_audience_of_another_app_is_unknown_and_one_that_is_empty_by_now_completes_with_zero()
    {
        await _installation.Devices.OpenAppAsync(OtherApp, 1024, default);
        await _installation.Devices.RegisterAsync(OtherApp, new DeviceRegistration(Requests.Token(2), TimeProvider.System.GetUtcNow(), Audiences: ["theirs"]), default);
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["theirs"]}"""));
        var fault = Assert.Single((await _service.NextAsync()).GetProperty("faults").EnumerateArray());
        Assert.Equal(("audience.anyOf[0]", "unknown_audience"), (fault.GetProperty("field").GetString(), fault.GetProperty("code").GetString()));

        await _installation.Devices.UnregisterAsync(TestInstallation.App, DeviceSelector.ByDeviceId("phone"), TimeProvider.System.GetUtcNow().AddSeconds(1), default);
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["news"]}"""));
        var completed = await _service.NextAsync();
        Assert.Equal(("completed", 0L), (completed.GetProperty("state").GetString(), completed.GetProperty("audience").GetInt64()));
        Assert.Equal(0, _installation.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task Whatever_stands_in_the_place_of_a_token_is_counted_and_reaches_no_path()
    {
        string[] wrong = ["", "a", "abc", "xy", new string('a', 202), "aa/bb", "aa?b", "#aaa", "%2e%2e", "<aa bb>", "../..", "aa\r\nx", "ａａ"];
        var completed = await CompleteAsync(new { tokens = wrong.Append(Convert.ToHexString(Requests.Token(7))) });

        Assert.Equal(wrong.Length, completed.GetProperty("malformed").GetInt32());
        Assert.Equal((1L, 1L), (completed.GetProperty("audience").GetInt64(), AcceptedOf(completed)));
        Assert.Equal(1, _installation.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task A_payload_of_exactly_the_limit_arrives_and_one_byte_more_is_refused_before_anything_is_sent()
    {
        foreach (var (pushType, limit, sentBefore) in new[] { ("alert", 4096, 0), ("voip", 5120, 1) })
        {
            await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"users":["alice"]}""", Of(pushType, limit + 1)));
            var fault = Assert.Single((await _service.NextAsync()).GetProperty("faults").EnumerateArray());
            Assert.Equal("payload_too_large", fault.GetProperty("code").GetString());
            Assert.Contains($"{limit + 1}", fault.GetProperty("text").GetString(), StringComparison.Ordinal);
            Assert.Equal(sentBefore, _installation.Simulator.Recorder.Answered);

            Assert.Equal(1, AcceptedOf(await CompleteAsync(new { users = new[] { "alice" } }, Of(pushType, limit))));
        }

        static string Of(string pushType, int bytes)
        {
            var empty = """{"aps":{"alert":""}}""".Length;
            var payload = new JsonObject { ["aps"] = new JsonObject { ["alert"] = "é" + new string('x', bytes - empty - 2) } }; // é is two bytes
            return new JsonObject { ["pushType"] = pushType, ["payload"] = payload }.ToJsonString();
        }
    }

    [Fact]
    public async Task A_request_whose_expiration_has_passed_ends_expired_and_sends_nothing()
    {
        var completed = await CompleteAsync(new { users = new[] { "alice" } }, $$"""{"expiration":"{{TimeProvider.System.GetUtcNow().AddMinutes(-1):O}}"}""");
        Assert.Equal(1, completed.GetProperty("outcomes").GetProperty("expired").GetInt64());
        Assert.Equal(0, _installation.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task An_answer_that_APNs_never_gives_removes_nobody_and_is_not_tried_for_ever()
    {
        (int Status, string Reason, string Outcome, int Pushes)[] cases =
        [
            (418, "IAmATeapot", "rejected", 1), (410, "Vanished", "rejected", 1), (400, "Unregistered", "rejected", 1),
            (302, "ElsewhereNow", "undeliverable", 2), (599, "Odd", "undeliverable", 2),
        ];
        foreach (var (status, reason, outcome, pushes) in cases)
        {
            var before = _installation.Simulator.Recorder.Answered;
            _installation.Simulator.Tokens.Answer(Requests.Token(1), status, reason);
            var completed = await CompleteAsync(new { users = new[] { "alice" } });

            Assert.Equal(1, completed.GetProperty("outcomes").GetProperty(outcome).GetInt64());
            Assert.Equal(pushes, _installation.Simulator.Recorder.Answered - before);
            Assert.Equal(1, await _installation.CountAsync("all"));
        }
    }

    [Fact]
    public async Task The_addresses_in_an_envelope_are_never_followed()
    {
        await using var connection = await new ConnectionFactory { Uri = _installation.RabbitMq }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("trap", durable: true, exclusive: false, autoDelete: false);
        await channel.ExchangeDeclareAsync("trap", ExchangeType.Fanout, durable: true);
        await channel.QueueBindAsync("trap", "trap", "");
        foreach (var message in new[] { Requests.Json(Guid.NewGuid(), """{"users":["alice"]}"""), Requests.Json(Guid.NewGuid(), "{}") })
        {
            var envelope = new JsonObject { ["messageType"] = new JsonArray("urn:message:pushfanout:notification-requested:v1"), ["message"] = JsonNode.Parse(message) };
            foreach (var field in new[] { "responseAddress", "faultAddress", "sourceAddress", "destinationAddress" })
            {
                envelope[field] = new Uri(_installation.RabbitMq, $"{_installation.RabbitMq.AbsolutePath}/{(field[0] == 'r' ? "trap" : "new-" + field)}").ToString().Replace("amqp:", "rabbitmq:", StringComparison.Ordinal);
            }
            await _service.PublishAsync(Exchanges.NotificationRequested, envelope.ToJsonString(), "application/vnd.masstransit+json");
            await _service.NextAsync();
        }
        await _service.PublishAsync(Exchanges.NotificationRequested, "{}", "application/vnd.masstransit+json"); // unreadable: a fault of MassTransit's own would go out
        await _service.TakeAsync("pushfanout.parked");
        await AssertOthersFlowAsync();

        Assert.Null(await channel.BasicGetAsync("trap", autoAck: true));
        foreach (var name in new[] { "new-faultAddress", "new-sourceAddress", "new-destinationAddress" })
        {
            await using var asking = await connection.CreateChannelAsync(); // the question closes it
            await Assert.ThrowsAsync<OperationInterruptedException>(() => asking.ExchangeDeclarePassiveAsync(name));
        }
    }

    private async Task AssertOthersFlowAsync() => Assert.Equal(1, AcceptedOf(await CompleteAsync(new { users = new[] { "alice" } })));

    private async Task<JsonElement> CompleteAsync(object audience, string? more = null)
    {
        var id = Guid.NewGuid();
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, JsonSerializer.Serialize(audience), more));
        var result = await _service.NextAsync();
        Assert.True(result.TryGetProperty("outcomes", out _), $"refused: {result}");
        Assert.Equal(id, result.GetProperty("notificationId").GetGuid());
        return result;
    }

    private static long AcceptedOf(JsonElement completed) => completed.GetProperty("outcomes").GetProperty("accepted").GetInt64();
}
