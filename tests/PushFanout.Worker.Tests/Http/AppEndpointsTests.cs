namespace PushFanout.Worker.Tests.Http;

public sealed class AppEndpointsTests
{
    private const string Token = "00112233445566778899aabbccddeeff";

    [Fact]
    public async Task Devices_are_registered_renewed_and_removed_and_audiences_counted()
    {
        await using var worker = await HttpWorker.StartAsync();
        const string devices = $"/api/apps/{HttpWorker.App}/devices";

        Assert.Equal("added", (await worker.PostAsync(devices, $$"""{"token":"{{Token}}","userId":"anna","audiences":["news"]}""")).Body!["result"]!.GetValue<string>());
        Assert.Equal("added", (await worker.PostAsync(devices, """{"token":"aa"}""")).Body!["result"]!.GetValue<string>());
        Assert.Equal(["all 2", "news 1"], await AudiencesAsync());

        Assert.Equal(1, (await worker.PostAsync(devices + "/remove", """{"userId":"anna"}""")).Body!["removed"]!.GetValue<int>());
        Assert.Equal(0, (await worker.PostAsync(devices + "/remove", $$"""{"token":"{{Token}}"}""")).Body!["removed"]!.GetValue<int>());
        Assert.Equal(1, (await worker.PostAsync(devices + "/remove", """{"token":"AA","app":"shop-ios"}""")).Body!["removed"]!.GetValue<int>());
        Assert.All(await AudiencesAsync(), audience => Assert.EndsWith(" 0", audience, StringComparison.Ordinal));

        async Task<IEnumerable<string>> AudiencesAsync() =>
            (await worker.GetAsync($"/api/apps/{HttpWorker.App}/audiences")).Body!["audiences"]!.AsArray().Select(entry => $"{entry!["name"]} {entry["tokens"]}");
    }

    [Theory]
    [InlineData("devices", """{"token":"xyz"}""", "token invalid_token")]
    [InlineData("devices", """{}""", "token missing_field")]
    [InlineData("devices", """{"token":"aa","app":"shop-android"}""", "app unknown_app")]
    [InlineData("devices/remove", """{"token":"aa","user":"x"}""", "user unknown_field")]
    public async Task Faults_of_a_device_are_named(string path, string body, string fault)
    {
        await using var worker = await HttpWorker.StartAsync();
        var (status, answer) = await worker.PostAsync($"/api/apps/{HttpWorker.App}/{path}", body);
        Assert.Equal(422, status);
        Assert.Contains(fault, answer!["faults"]!.AsArray().Select(entry => $"{entry!["field"]} {entry["code"]}"));
    }

    [Fact]
    public async Task The_configured_apps_are_listed_and_others_are_not_found()
    {
        await using var worker = await HttpWorker.StartAsync();
        var app = Assert.Single((await worker.GetAsync("/api/apps")).Body!["apps"]!.AsArray())!;
        Assert.Equal("shop-ios com.example.shop sandbox", $"{app["name"]} {app["topic"]} {app["environment"]}");

        Assert.Equal(404, (await worker.GetAsync("/api/apps/other/audiences")).Status);
        Assert.Equal(404, (await worker.PostAsync("/api/apps/other/devices", """{"token":"aa"}""")).Status);
    }
}
