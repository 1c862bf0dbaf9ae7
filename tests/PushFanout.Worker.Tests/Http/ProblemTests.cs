using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PushFanout.Testing;

namespace PushFanout.Worker.Tests.Http;

/// <summary>Whatever is refused, whoever refuses it, is refused in one form with a code.</summary>
public sealed class ProblemTests
{
    private const string Key = "correct-horse-battery-staple";

    [Fact]
    public async Task Every_refusal_has_a_code_and_says_what_to_do()
    {
        await using var worker = await HttpWorker.StartAsync(Key);
        var unknown = $"/api/notifications/{Guid.NewGuid()}";
        (HttpMethod Method, string Path, string? Body, string? Type, int Status, string Code)[] cases =
        [
            (HttpMethod.Get, "/api/nothing", null, null, 404, "not_found"),
            (HttpMethod.Get, "/api/notifications/not-a-uuid", null, null, 404, "not_found"),
            (HttpMethod.Get, unknown, null, null, 404, "unknown_notification"),
            (HttpMethod.Post, unknown + "/explain", """{"token":"aa"}""", "application/json", 404, "unknown_notification"),
            (HttpMethod.Get, "/api/apps/other/audiences", null, null, 404, "unknown_app"),
            (HttpMethod.Delete, "/api/notifications", null, null, 405, "method_not_allowed"),
            (HttpMethod.Post, "/api/notifications", "{}", "text/plain", 415, "unsupported_media_type"),
            (HttpMethod.Post, "/api/notifications", "{", "application/json", 400, "not_json"),
            (HttpMethod.Post, "/api/notifications", "{}", "application/json", 422, "invalid_request"),
            (HttpMethod.Post, "/api/apps/shop-ios/devices", """{"\ud800":1}""", "application/json", 400, "not_json"),
            (HttpMethod.Get, "/api/notifications?limit=many", null, null, 422, "invalid_request"),
            (HttpMethod.Get, "/api/notifications?before=yesterday", null, null, 422, "invalid_request"),
            (HttpMethod.Get, "/api/parked", null, null, 501, "not_embedded"),
        ];
        foreach (var (method, path, body, type, status, code) in cases)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, type!) };
            request.Headers.Add("X-Api-Key", Key);
            AssertProblem(await worker.Client.SendAsync(request), status, code);
        }

        AssertProblem(await worker.Client.GetAsync("/api/apps"), 401, "unauthorized");
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/api/apps");
        foreign.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "cross-site");
        AssertProblem(await worker.Client.SendAsync(foreign), 403, "forbidden");
        using var large = new HttpRequestMessage(HttpMethod.Post, "/api/notifications") { Content = new StringContent(new string(' ', 5 * 1024 * 1024), Encoding.UTF8, "application/json") };
        large.Headers.Add("X-Api-Key", Key);
        large.Headers.ExpectContinue = true;
        AssertProblem(await worker.Client.SendAsync(large), 413, "body_too_large");
    }

    [Fact]
    public async Task A_call_repeated_with_its_idempotency_key_is_the_same_request()
    {
        await using var worker = await HttpWorker.StartAsync();
        var first = await PublishAsync("order-7", """{"app":"shop-ios","audience":{"users":["ann"]},"payload":{"aps":{} },"source":"shop"}""");
        Assert.Equal(first, await PublishAsync("order-7", """{"app":"shop-ios","audience":{"users":["ann"]},"payload":{"aps":{} },"source":"shop"}"""));
        Assert.NotEqual(first, await PublishAsync("order-8", """{"app":"shop-ios","audience":{"users":["ann"]},"payload":{"aps":{} },"source":"shop"}"""));
        Assert.NotEqual(first, await PublishAsync("order-7", """{"app":"shop-ios","audience":{"users":["ann"]},"payload":{"aps":{} },"source":"billing"}"""));
        var own = Guid.NewGuid();
        Assert.Equal(own, await PublishAsync("order-7", $$"""{"notificationId":"{{own}}","app":"shop-ios","audience":{"users":["ann"]},"payload":{"aps":{} },"source":"shop"}"""));

        using var wrong = new HttpRequestMessage(HttpMethod.Post, "/api/notifications") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        wrong.Headers.Add("Idempotency-Key", new string('x', 256));
        AssertProblem(await worker.Client.SendAsync(wrong), 422, "invalid_request");

        async Task<Guid> PublishAsync(string key, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/notifications") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await worker.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["notificationId"]!.GetValue<Guid>();
        }
    }

    [Fact]
    public async Task An_id_that_another_content_has_is_refused_and_so_is_an_idempotency_key()
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.PostAsync($"/api/apps/{HttpWorker.App}/devices", """{"token":"aa"}""");
        var known = await PublishAsync("7", "one");
        await Eventually.TrueAsync(
            async () => (await worker.GetAsync($"/api/notifications/{known!["notificationId"]}")).Status == 200, Eventually.Patience, "the notification is known");

        Assert.Equal(known!.ToJsonString(), (await PublishAsync("7", "one"))!.ToJsonString());
        Assert.Equal("notificationId id_conflict", FaultOf(await PublishAsync("7", "two")));
        var (status, refused) = await worker.PostAsync("/api/notifications", Body("two", $"\"notificationId\":{known!["notificationId"]!.ToJsonString()},"));
        Assert.Equal((422, "notificationId id_conflict"), (status, FaultOf(refused)));

        async Task<JsonNode?> PublishAsync(string key, string alert)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/notifications") { Content = new StringContent(Body(alert), Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", key);
            using var answer = await worker.Client.SendAsync(request);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync());
        }

        static string Body(string alert, string id = "") => $$$"""{{{{id}}}"app":"shop-ios","audience":{"anyOf":["all"]},"payload":{"aps":{"alert":"{{{alert}}}"} },"dryRun":true}""";

        static string FaultOf(JsonNode? answer) => Assert.Single(answer!["faults"]!.AsArray().Select(fault => $"{fault!["field"]} {fault["code"]}"));
    }

    [Fact]
    public async Task An_audience_that_never_had_a_member_is_refused_at_once()
    {
        await using var worker = await HttpWorker.StartAsync();
        var (status, body) = await worker.PostAsync("/api/notifications", """{"app":"shop-ios","audience":{"noneOf":["nwes"],"anyOf":["all"]},"payload":{"aps":{} } }""");
        Assert.Equal(422, status);
        Assert.Equal(["audience.noneOf[0] unknown_audience"], body!["faults"]!.AsArray().Select(fault => $"{fault!["field"]} {fault["code"]}"));
    }

    private static void AssertProblem(HttpResponseMessage answer, int status, string code)
    {
        using (answer)
        {
            using var reader = new StreamReader(answer.Content.ReadAsStream());
            var text = reader.ReadToEnd();
            Assert.True(((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType) == (status, "application/problem+json"), $"expected {status} {code}: {(int)answer.StatusCode} {text}");
            var problem = JsonNode.Parse(text)!;
            Assert.Equal((status, code), ((int)problem["status"]!, (string?)problem["code"]));
            Assert.NotEmpty((string)problem["title"]!);
            Assert.NotEmpty((string)problem["detail"]!);
        }
    }
}
