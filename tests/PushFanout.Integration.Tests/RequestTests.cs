using System.Text;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.TokenCache;

namespace PushFanout.Integration.Tests;

/// <summary>What a service in any language gets for what it publishes, right or wrong.</summary>
public sealed class RequestTests : IAsyncLifetime
{
    private TestInstallation _installation = null!;
    private PlainAmqpClient _service = null!;

    public async Task InitializeAsync()
    {
        _installation = await TestInstallation.CreateAsync();
        await _installation.StartWorkerAsync();
        _service = await _installation.ConnectAsync();
        await _service.ListenAsync(Exchanges.NotificationCompleted, $"*.{Requests.Source}");
        await _service.ListenAsync(Exchanges.NotificationRejected, "#");
        await _installation.Devices.RegisterAsync(
            TestInstallation.App, new DeviceRegistration(Requests.Token(1), TimeProvider.System.GetUtcNow(), "phone", "alice", ["news"]), CancellationToken.None);
    }

    public async Task DisposeAsync() => await _installation.DisposeAsync();

    [Fact]
    public async Task A_user_gets_the_push_and_the_service_its_summary()
    {
        var completed = await RequestAsync("""{"users":["alice","nobody"]}""");

        Assert.Equal(1, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(1, completed.GetProperty("usersWithoutDevices").GetInt64());
        Assert.Equal(1, _installation.Simulator.Recorder.Accepted);
    }

    [Fact]
    public async Task A_MassTransit_envelope_is_the_same_as_plain_json()
    {
        var id = Guid.NewGuid();
        var envelope = $$"""{"messageType":["urn:message:pushfanout:notification-requested:v1"],"message":{{Requests.Json(id, """{"users":["alice"]}""")}}}""";
        await _service.PublishAsync(Exchanges.NotificationRequested, envelope, "application/vnd.masstransit+json");

        Assert.Equal(id, (await _service.NextAsync()).GetProperty("notificationId").GetGuid());
    }

    [Fact]
    public async Task The_same_request_again_sends_nothing_again_and_another_content_under_its_id_is_refused()
    {
        var id = Guid.NewGuid();
        await RequestAsync("""{"users":["alice"]}""", id: id);
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"users":["alice"]}"""));
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"users":["bob"]}"""));

        var rejected = await _service.NextAsync();
        Assert.Equal("id_conflict", Assert.Single(rejected.GetProperty("faults").EnumerateArray()).GetProperty("code").GetString());
        Assert.Equal(1, _installation.Simulator.Recorder.Accepted);
    }

    [Fact]
    public async Task A_wrong_request_is_refused_with_all_its_faults_at_once()
    {
        await _service.PublishAsync(
            Exchanges.NotificationRequested,
            Requests.Json(Guid.NewGuid(), """{"anyOf":["news"],"everyone":true}""", """{"priority":"5","pushType":"telegram","collapseId":"c","colour":"red"}"""));

        var rejected = await _service.NextAsync();
        var fields = rejected.GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("field").GetString()).Order();
        Assert.Equal(["audience.everyone", "colour", "priority", "pushType"], fields);
        Assert.Equal(0, _installation.Simulator.Recorder.Answered);
    }

    [Theory]
    [InlineData("""{"anyOf":["nwes"]}""", null, "audience.anyOf[0]", "unknown_audience")]
    [InlineData("""{"anyOf":["all"]}""", """{"app":"shop-droid"}""", "app", "unknown_app")]
    [InlineData("""{"users":["alice"]}""", """{"payload":{"title":"no aps"}}""", "payload", "invalid_payload")]
    [InlineData("{}", null, "audience", "invalid_audience")]
    public async Task A_fault_names_its_field_and_has_a_code_from_the_closed_list(string audience, string? more, string field, string code)
    {
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), audience, more));

        var fault = Assert.Single((await _service.NextAsync()).GetProperty("faults").EnumerateArray());
        Assert.Equal((field, code), (fault.GetProperty("field").GetString(), fault.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task An_audience_over_the_guard_is_refused_before_anything_is_sent()
    {
        await _installation.ImportAsync(Enumerable.Range(2, 20).Select(number => Requests.Device(number, "news")));
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["news"]}""", """{"maxAudience":20}"""));

        Assert.Equal("audience_too_large", (await _service.NextAsync()).GetProperty("faults")[0].GetProperty("code").GetString());
        Assert.Equal(0, _installation.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task Malformed_tokens_are_counted_and_the_rest_goes_on()
    {
        var good = Convert.ToHexString(Requests.Token(500));
        var completed = await RequestAsync(JsonSerializer.Serialize(new { tokens = new[] { good, "", "abc", "zz", "../..", good } }));

        Assert.Equal(4, completed.GetProperty("malformed").GetInt64());
        Assert.Equal(1, completed.GetProperty("audience").GetInt64());
        Assert.Equal(1, _installation.Simulator.Recorder.Accepted);
    }

    [Theory]
    [InlineData("application/json", "{\"notificationId\":\"no end")]
    [InlineData("application/json", "<request/>")]
    [InlineData(null, "")]
    [InlineData("application/vnd.masstransit+json", "{}")]
    [InlineData("text/plain", "hello")]
    public async Task What_nobody_can_read_is_parked_with_its_reason_and_the_others_flow(string? contentType, string body)
    {
        await _service.PublishAsync(Exchanges.NotificationRequested, Encoding.UTF8.GetBytes(body), contentType);

        var parked = await _service.TakeAsync("pushfanout.parked");
        Assert.Equal(body, Encoding.UTF8.GetString(parked.Body.Span));
        Assert.NotEmpty(Encoding.UTF8.GetString((byte[])parked.BasicProperties.Headers!["pushfanout-parked-reason"]!));
        Assert.Equal("pushfanout.notification-requested", Encoding.UTF8.GetString((byte[])parked.BasicProperties.Headers["pushfanout-parked-from"]!));
        await RequestAsync("""{"users":["alice"]}""");
    }

    [Fact]
    public async Task More_users_than_fit_one_batch_are_each_reached_once_but_for_those_excluded()
    {
        const int Users = 1_200;
        await _installation.ImportAsync(Enumerable.Range(1_000, Users).Select(number =>
            new DeviceRegistration(Requests.Token(number), TimeProvider.System.GetUtcNow(), UserId: $"user-{number}", Audiences: number % 12 == 0 ? ["muted"] : [])));
        var users = Enumerable.Range(1_000, Users).Select(number => $"user-{number}").Append("nobody");
        var tokens = Enumerable.Range(1_000, 10).Select(number => Convert.ToHexString(Requests.Token(number)));
        var completed = await RequestAsync(JsonSerializer.Serialize(new { users, tokens, noneOf = new[] { "muted" } }));

        Assert.Equal(1_100, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(1, completed.GetProperty("usersWithoutDevices").GetInt64());
        Assert.Equal(1_100, _installation.Simulator.Recorder.Accepted);
        Assert.Equal(0, _installation.Simulator.Recorder.Duplicates);
    }

    [Fact]
    public async Task A_dry_run_counts_the_audience_and_sends_nothing()
    {
        var completed = await RequestAsync("""{"anyOf":["all"]}""", """{"dryRun":true}""");

        Assert.True(completed.GetProperty("dryRun").GetBoolean());
        Assert.Equal(1, completed.GetProperty("audience").GetInt64());
        Assert.Equal(0, _installation.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task A_request_whose_deadline_has_passed_ends_expired()
    {
        var past = TimeProvider.System.GetUtcNow().AddMinutes(-1).ToString("O");
        var completed = await RequestAsync("""{"users":["alice"]}""", $$"""{"deadline":"{{past}}"}""");

        Assert.Equal(1, completed.GetProperty("outcomes").GetProperty("expired").GetInt64());
        Assert.Equal(0, _installation.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task Nothing_is_sent_before_notBefore()
    {
        var start = TimeProvider.System.GetUtcNow().AddSeconds(3);
        var completed = await RequestAsync("""{"users":["alice"]}""", $$"""{"notBefore":"{{start:O}}"}""");

        Assert.Equal(1, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.True(_installation.Simulator.Recorder.Pushes().Single().At >= start);
    }

    [Fact]
    public async Task A_push_that_APNs_cannot_take_now_is_tried_again()
    {
        _installation.Simulator.Tokens.Answer(Requests.Token(1), 503, "ServiceUnavailable", times: 2);
        var completed = await RequestAsync("""{"users":["alice"]}""");

        Assert.Equal(1, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(3, _installation.Simulator.Recorder.Answered);
    }

    private async Task<JsonElement> RequestAsync(string audience, string? more = null, Guid? id = null)
    {
        var notification = id ?? Guid.NewGuid();
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(notification, audience, more));
        var result = await _service.NextAsync();
        Assert.Equal(notification, result.GetProperty("notificationId").GetGuid());
        Assert.True(result.TryGetProperty("outcomes", out var outcomes), $"refused: {result}");
        Assert.Equal(result.GetProperty("audience").GetInt64(), outcomes.EnumerateObject().Sum(outcome => outcome.Value.GetInt64()));
        return result;
    }
}
