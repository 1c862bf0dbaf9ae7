using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.TokenCache;

namespace PushFanout.Integration.Tests;

/// <summary>A service that would rather use HTTP than AMQP, on a whole worker.</summary>
public sealed class HttpRequestTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private TestInstallation _installation = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _installation = await TestInstallation.CreateAsync();
        var port = FreePort.Next();
        _installation.Set("Http:Urls", $"http://127.0.0.1:{port}");
        await _installation.StartWorkerAsync();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public async Task DisposeAsync() => await _installation.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_posted_notification_reaches_the_device_and_its_address_tells_how_it_went()
    {
        var registered = await _http.PostAsJsonAsync(
            $"/api/apps/{TestInstallation.App}/devices",
            new { token = Convert.ToHexString(Requests.Token(1)), userId = "alice", at = TimeProvider.System.GetUtcNow() });
        Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());

        var posted = await PostAsync(Requests.Json(Guid.NewGuid(), """{"users":["alice"]}"""));
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        JsonElement status = default;
        await Eventually.TrueAsync(
            async () =>
            {
                var answer = await _http.GetAsync(posted.Headers.Location);
                status = answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : default;
                return answer.IsSuccessStatusCode && status.GetProperty("state").GetString() is "done" or "completed";
            },
            Patience, "the notification has ended");
        Assert.Equal(1, status.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(1, _installation.Simulator.Recorder.Accepted);
    }

    [Fact]
    public async Task A_wrong_request_is_answered_with_the_same_fault_codes_as_by_message()
    {
        var refused = await PostAsync(Requests.Json(Guid.NewGuid(), """{"users":["alice"]}""", """{"priority":7,"payload":{}}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var codes = (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("code").GetString()).Order();
        Assert.Equal([FaultCodes.InvalidPayload, FaultCodes.InvalidValue], codes);
    }

    [Fact]
    public async Task Parked_messages_are_listed_shown_sent_back_and_discarded()
    {
        var service = await _installation.ConnectAsync();
        var token = Convert.ToHexString(Requests.Token(1));
        var user = new string('x', 300);
        await service.PublishAsync(Exchanges.NotificationRequested, "not JSON");
        await service.PublishAsync(Exchanges.NotificationRequested, """{"app":"\ud83d"}"""); // half a character
        await service.PublishAsync(Exchanges.DeviceRegistered, $$"""{"app":"shop-ios","token":"{{token}}","at":"2026-01-01T00:00:00Z","userId":"{{user}}"}""");
        JsonElement[] parked = [];
        await Eventually.TrueAsync(
            async () => (parked = [.. (await _http.GetFromJsonAsync<JsonElement>("/api/parked")).GetProperty("messages").EnumerateArray()]).Length == 3, Patience, "all are parked");
        var registration = parked.Single(message => message.GetProperty("from").GetString() == "pushfanout.device-registry");
        Assert.Equal("userId: invalid_value", registration.GetProperty("reason").GetString());
        var garbage = parked.Where(message => message.GetProperty("kind").GetString() == "unreadable").Select(message => message.GetProperty("id").GetString()!).Order().ToArray();
        Assert.True((await _http.GetFromJsonAsync<JsonElement>("/api/parked?limit=1")).GetProperty("more").GetBoolean());

        var id = registration.GetProperty("id").GetString();
        Assert.DoesNotContain(user, await ShowAsync(new { id }), StringComparison.Ordinal);
        var content = await ShowAsync(new { id, content = true });
        Assert.Contains(user, content, StringComparison.Ordinal);
        Assert.DoesNotContain(token, content, StringComparison.OrdinalIgnoreCase);

        var discarded = JsonDocument.Parse(await MoveAsync("discard", new { ids = garbage.Append("nobody") })).RootElement;
        Assert.Equal(garbage, discarded.GetProperty("moved").EnumerateArray().Select(moved => moved.GetString()!).Order());
        Assert.Equal("nobody", Assert.Single(discarded.GetProperty("missing").EnumerateArray()).GetString());
        Assert.Equal("""{"moved":[],"left":[],"missing":[]}""", await MoveAsync("requeue", new { all = true, from = "pushfanout.token-feedback" }));
        Assert.Equal($$"""{"moved":["{{id}}"],"left":[],"missing":[]}""", await MoveAsync("requeue", new { all = true }, alsoLeft: true));
        // The cause is still there: it comes back.
        await Eventually.TrueAsync(
            async () => (await _http.GetFromJsonAsync<JsonElement>("/api/parked")).GetProperty("messages").GetArrayLength() == 1, Patience, "it is parked again");

        async Task<string> ShowAsync(object body) => await (await _http.PostAsJsonAsync("/api/parked/show", body)).Content.ReadAsStringAsync();

        async Task<string> MoveAsync(string word, object body, bool alsoLeft = false)
        {
            var moved = await (await _http.PostAsJsonAsync($"/api/parked/{word}", body)).Content.ReadFromJsonAsync<JsonElement>();
            // What goes back may be parked again while the rest is still looked through.
            return alsoLeft ? $$"""{"moved":{{moved.GetProperty("moved").GetRawText()}},"left":[],"missing":{{moved.GetProperty("missing").GetRawText()}}}""" : moved.GetRawText();
        }
    }

    [Theory]
    [InlineData("show", "{", 400, "not_json")]
    [InlineData("show", "[]", 422, "")]
    [InlineData("show", "{}", 422, "id")]
    [InlineData("show", """{"id":7}""", 422, "id")]
    [InlineData("show", """{"id":"nobody"}""", 404, "not_parked")]
    [InlineData("discard", "{}", 422, "ids")]
    [InlineData("discard", """{"ids":[]}""", 422, "ids")]
    [InlineData("discard", """{"ids":["a"],"all":true}""", 422, "ids")]
    [InlineData("discard", """{"ids":["a"],"from":"b"}""", 422, "from")]
    [InlineData("discard", """{"ids":[null]}""", 422, "ids[0]")]
    [InlineData("requeue", """{"everything":true}""", 422, "everything")]
    public async Task A_wrong_body_about_parked_messages_is_refused_with_its_field(string word, string body, int status, string fieldOrCode)
    {
        using var answer = await _http.PostAsync($"/api/parked/{word}", new StringContent(body, Encoding.UTF8, "application/json"));
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(fieldOrCode, status == 422 ? problem.GetProperty("faults")[0].GetProperty("field").GetString() : problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Health_and_metrics_answer_and_the_balance_is_zero()
    {
        await _installation.Devices.RegisterAsync(
            TestInstallation.App, new DeviceRegistration(Requests.Token(1), TimeProvider.System.GetUtcNow(), UserId: "alice"), CancellationToken.None);
        await PostAsync(Requests.Json(Guid.NewGuid(), """{"users":["alice"]}"""));
        Assert.True(await _installation.Simulator.Recorder.WaitForAcceptedAsync(1, Patience));

        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/health/ready")).StatusCode);
        var text = "";
        await Eventually.TrueAsync(
            async () => (text = await _http.GetStringAsync("/metrics")).Contains("pushfanout_notifications_completed_total", StringComparison.Ordinal),
            Patience, "the end of the notification is counted");
        Assert.Contains("pushfanout_push_answers_total", text, StringComparison.Ordinal);
        Assert.All(
            text.Split('\n').Where(line => line.StartsWith("pushfanout_balance_difference_total{", StringComparison.Ordinal)),
            line => Assert.Equal("0", line.Split(' ')[^1]));
    }

    private Task<HttpResponseMessage> PostAsync(string json) =>
        _http.PostAsync("/api/notifications", new StringContent(json, Encoding.UTF8, "application/json"));
}
