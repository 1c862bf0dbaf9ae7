using System.Text.Json.Nodes;
using PushFanout.Testing;

namespace PushFanout.Worker.Tests.Http;

public sealed class ExplainEndpointTests
{
    private const string Token = "00112233445566778899aabbccddeeff";

    [Fact]
    public async Task A_device_is_asked_for_by_token_device_id_or_user_and_the_answer_has_no_token()
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.PostAsync($"/api/apps/{HttpWorker.App}/devices", $$"""{"token":"{{Token}}","userId":"ann","deviceId":"phone","audiences":["news"]}""");
        var id = await DryRunAsync(worker);

        foreach (var question in new[] { $$"""{"token":"{{Token}}"}""", """{"deviceId":"phone"}""", """{"userId":"ann"}""" })
        {
            var (status, answer) = await worker.PostAsync($"/api/notifications/{id}/explain", question);
            Assert.Equal(200, status);
            var device = Assert.Single(answer!["devices"]!.AsArray())!;
            Assert.Equal("outcome cancelled dryRun", $"{device["verdict"]} {device["outcome"]} {device["reason"]}");
            Assert.Equal("phone ann", $"{device["deviceId"]} {device["userId"]}");
            Assert.DoesNotContain(Token, answer.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        }
        Assert.Equal("userHasNoDevices", (await worker.PostAsync($"/api/notifications/{id}/explain", """{"userId":"bob"}""")).Body!["found"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("{}", "$ missing_field")]
    [InlineData("""{"token":"xyz"}""", "token invalid_token")]
    [InlineData("""{"userId":"ann","deviceId":"phone"}""", "$ conflicting_fields")]
    [InlineData("""{"user":"ann"}""", "user unknown_field")]
    [InlineData("""{"userId":"ann","app":"other"}""", "app unknown_app")]
    public async Task A_question_that_is_none_is_answered_with_its_faults(string question, string fault)
    {
        await using var worker = await HttpWorker.StartAsync();
        await worker.PostAsync($"/api/apps/{HttpWorker.App}/devices", $$"""{"token":"{{Token}}","audiences":["news"]}""");
        var (status, answer) = await worker.PostAsync($"/api/notifications/{await DryRunAsync(worker)}/explain", question);
        Assert.Equal(422, status);
        Assert.Contains(fault, answer!["faults"]!.AsArray().Select(entry => $"{entry!["field"]} {entry["code"]}"));
    }

    [Fact]
    public async Task A_notification_that_nobody_knows_is_not_found_and_a_token_is_not_taken_from_an_address()
    {
        await using var worker = await HttpWorker.StartAsync();
        Assert.Equal(404, (await worker.PostAsync($"/api/notifications/{Guid.NewGuid()}/explain", """{"userId":"ann"}""")).Status);
        Assert.Equal(405, (await worker.GetAsync($"/api/notifications/{Guid.NewGuid()}/explain?token={Token}")).Status);
    }

    private static async Task<Guid> DryRunAsync(HttpWorker worker)
    {
        var (_, taken) = await worker.PostAsync("/api/notifications", """{"app":"shop-ios","audience":{"anyOf":["news"]},"payload":{"aps":{}},"dryRun":true}""");
        var id = taken!["notificationId"]!.GetValue<Guid>();
        JsonNode? status = null;
        await Eventually.TrueAsync(
            async () => (status = (await worker.GetAsync($"/api/notifications/{id}")).Body)?["completedAt"] is not null, Eventually.Patience, "the notification ends");
        return id;
    }
}
