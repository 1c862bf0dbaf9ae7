using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PushFanout.Testing;

namespace PushFanout.Worker.Tests.Http;

public sealed class NotificationEndpointsTests
{
    private const string Token = "00112233445566778899aabbccddeeff";
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task A_request_is_taken_followed_to_its_end_and_accounted_for()
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.PostAsync($"/api/apps/{HttpWorker.App}/devices", $$"""{"token":"{{Token}}","audiences":["news"]}""");

        using var response = await worker.Client.PostAsync("/api/notifications", Json(DryRun("news")));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var id = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["notificationId"]!.GetValue<Guid>();
        Assert.Equal($"/api/notifications/{id}", response.Headers.Location!.OriginalString);

        var ended = await EndedAsync(worker, id);
        Assert.Equal(HttpWorker.App, ended["app"]!.GetValue<string>());
        Assert.Equal(1, ended["audience"]!.GetValue<long>());
        Assert.Equal(1, ended["outcomes"]!.AsObject().Sum(outcome => outcome.Value!.GetValue<long>()));
        Assert.Equal(0, ended["outcomes"]!["pending"]!.GetValue<long>());
        Assert.Equal(1, ended["reasons"]!["DryRun"]!.GetValue<long>());
        Assert.True(ended["exact"]!.GetValue<bool>());
        Assert.NotNull(ended["completedAt"]);
    }

    [Fact]
    public async Task An_id_that_is_given_is_kept_and_asking_again_changes_nothing()
    {
        await using var worker = await HttpWorker.StartAsync();
        var id = Guid.NewGuid();
        var request = DryRun("all", id);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            var (status, body) = await worker.PostAsync("/api/notifications", request);
            Assert.Equal(202, status);
            Assert.Equal(id, body!["notificationId"]!.GetValue<Guid>());
            await EndedAsync(worker, id);
        }
        var (_, list) = await worker.GetAsync("/api/notifications");
        Assert.Single(list!["notifications"]!.AsArray());
    }

    [Fact]
    public async Task Every_fault_of_a_request_is_in_the_answer_and_no_token()
    {
        await using var worker = await HttpWorker.StartAsync();
        var (status, body) = await worker.PostAsync(
            "/api/notifications", $$"""{"notificationId":null,"app":"other-app","audience":{"tokens":["{{Token}}g"],"all":true},"payload":{"aps":1},"priority":"5"}""");

        Assert.Equal(422, status);
        var faults = body!["faults"]!.AsArray();
        Assert.Equal(
            ["app unknown_app", "audience.all unknown_field", "payload invalid_payload", "priority wrong_type"],
            faults.Select(fault => $"{fault!["field"]} {fault["code"]}").Where(fault => !fault.StartsWith("audience.tokens", StringComparison.Ordinal)).Order());
        Assert.All(faults, fault => Assert.NotEmpty(fault!["text"]!.GetValue<string>()));
        Assert.DoesNotContain(Token, body.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("{\"app\":", 400)]
    [InlineData("not json", 400)]
    [InlineData("[]", 422)]
    [InlineData("{}", 422)]
    public async Task What_is_no_request_is_refused(string body, int status)
    {
        await using var worker = await HttpWorker.StartAsync();
        Assert.Equal(status, (await worker.PostAsync("/api/notifications", body)).Status);
    }

    [Fact]
    public async Task Only_JSON_of_a_bounded_size_is_read()
    {
        await using var worker = await HttpWorker.StartAsync();
        using var form = await worker.Client.PostAsync("/api/notifications", new StringContent(DryRun("all"), Encoding.UTF8, "text/plain"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);

        // Asks before it sends: a server that has refused does not read what follows, and that would look like a broken connection.
        using var large = new HttpRequestMessage(HttpMethod.Post, "/api/notifications") { Content = Json(new string(' ', 5 * 1024 * 1024)) };
        large.Headers.ExpectContinue = true;
        using var refused = await worker.Client.SendAsync(large);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task The_list_begins_with_the_newest_and_continues_where_it_ended()
    {
        await using var worker = await HttpWorker.StartAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(Guid.NewGuid());
            await worker.PostAsync("/api/notifications", DryRun("all", ids[i]));
            var ended = await EndedAsync(worker, ids[i]);
            // The next one must be newer by the clock of the ledger, which counts milliseconds.
            await Eventually.TrueAsync(
                () => TimeProvider.System.GetUtcNow() > ended["requestedAt"]!.GetValue<DateTimeOffset>().AddMilliseconds(1), Patience, "the next millisecond");
        }

        var (_, first) = await worker.GetAsync("/api/notifications?limit=2");
        Assert.Equal([ids[2], ids[1]], IdsOf(first));
        var (_, second) = await worker.GetAsync($"/api/notifications?limit=2&before={Uri.EscapeDataString(first!["before"]!.GetValue<string>())}");
        Assert.Equal([ids[0]], IdsOf(second));
        Assert.Null(second!["before"]);
        Assert.Equal(422, (await worker.GetAsync("/api/notifications?limit=0")).Status);
    }

    [Fact]
    public async Task A_notification_is_paused_resumed_and_cancelled()
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.PostAsync($"/api/apps/{HttpWorker.App}/devices", $$"""{"token":"{{Token}}"}""");
        var id = Guid.NewGuid();
        var later = TimeProvider.System.GetUtcNow().AddHours(1);
        var request = $$"""{"notificationId":"{{id}}","app":"shop-ios","audience":{"anyOf":["all"]},"payload":{"aps":{} },"notBefore":"{{later:O}}"}""";
        var (taken, answer) = await worker.PostAsync("/api/notifications", request);
        Assert.True(taken == 202, answer?.ToJsonString());
        await Eventually.TrueAsync(async () => (await worker.GetAsync($"/api/notifications/{id}")).Status == 200, Patience, "the notification is known");

        Assert.Equal("paused", await SteerAsync("pause"));
        Assert.Equal("running", await SteerAsync("resume"));
        Assert.Equal("cancelled", await SteerAsync("cancel"));
        Assert.Equal("cancelled", await SteerAsync("resume"));

        async Task<string> SteerAsync(string action)
        {
            var (status, body) = await worker.PostAsync($"/api/notifications/{id}/{action}", "");
            Assert.Equal(200, status);
            return body!["state"]!.GetValue<string>();
        }
    }

    [Fact]
    public async Task A_cancel_that_comes_before_its_request_waits_for_it()
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.PostAsync($"/api/apps/{HttpWorker.App}/devices", $$"""{"token":"{{Token}}"}""");
        var id = Guid.NewGuid();
        Assert.Equal(404, (await worker.GetAsync($"/api/notifications/{id}")).Status);

        var (status, body) = await worker.PostAsync($"/api/notifications/{id}/cancel", "");
        Assert.Equal(202, status);
        Assert.False(body!["known"]!.GetValue<bool>());

        await worker.PostAsync("/api/notifications", $$"""{"notificationId":"{{id}}","app":"shop-ios","audience":{"anyOf":["all"]},"payload":{"aps":{} } }""");
        var ended = await EndedAsync(worker, id);
        Assert.Equal(1, ended["outcomes"]!["cancelled"]!.GetValue<long>());
    }

    [Fact]
    public async Task Without_broker_and_Redis_callers_hear_within_the_deadline_what_to_repeat()
    {
        await using var worker = await HttpWorker.StartAsync(serversAway: true);

        using var published = await worker.Client.PostAsync("/api/notifications", Json(DryRun("all")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, published.StatusCode);
        Assert.NotNull(published.Headers.RetryAfter);
        Assert.NotEqual(Guid.Empty, JsonNode.Parse(await published.Content.ReadAsStringAsync())!["notificationId"]!.GetValue<Guid>());

        var (listed, problem) = await worker.GetAsync("/api/notifications");
        Assert.Equal((503, "unavailable"), (listed, (string?)problem!["code"]));
        Assert.Equal(503, (await worker.PostAsync($"/api/apps/{HttpWorker.App}/devices", $$"""{"token":"{{Token}}"}""")).Status);
        Assert.Equal(503, (await worker.PostAsync($"/api/notifications/{Guid.NewGuid()}/pause", "")).Status);
        Assert.Equal(503, (await worker.GetAsync("/api/parked")).Status);
        var (status, health) = await worker.GetAsync("/health/ready");
        Assert.Equal(503, status);
        Assert.Equal("""{"ready":false,"checks":{"rabbitmq":"down","redis":"down"}}""", health!.ToJsonString());
        Assert.Equal(200, (await worker.GetAsync("/health/live")).Status);
    }

    private static string DryRun(string audience, Guid? id = null) =>
        $$"""{{{(id is null ? "" : $"\"notificationId\":\"{id}\",")}}"app":"shop-ios","audience":{"anyOf":["{{audience}}"]},"payload":{"aps":{"alert":"hello"} },"dryRun":true}""";

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private static IEnumerable<Guid> IdsOf(JsonNode? list) => list!["notifications"]!.AsArray().Select(entry => entry!["notificationId"]!.GetValue<Guid>());

    private static async Task<JsonNode> EndedAsync(HttpWorker worker, Guid id)
    {
        JsonNode? last = null;
        await Eventually.TrueAsync(async () => (last = (await worker.GetAsync($"/api/notifications/{id}")).Body)?["completedAt"] is not null, Patience, "the notification ends");
        return last!;
    }
}
