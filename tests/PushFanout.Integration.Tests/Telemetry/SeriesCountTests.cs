using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>How much a worker asks of whoever stores its metrics.</summary>
[Collection(ExportingInstallation.Shared)]
public sealed class SeriesCountTests(ExportingInstallation exporting, Xunit.Abstractions.ITestOutputHelper output)
{
    private const int Limit = 2_000;

    [Fact]
    public async Task Twenty_apps_that_send_with_credentials_of_their_own_make_fewer_than_2000_series()
    {
        var installation = exporting.Installation;
        var (good, gone, bad) = (Hex(900_001), Hex(900_002), Hex(900_003));
        installation.Simulator.Tokens.Answer(Requests.Token(900_002), 410, "Unregistered", TimeProvider.System.GetUtcNow());
        installation.Simulator.Tokens.Answer(Requests.Token(900_003), 400, "PayloadEmpty");
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, "#");
        string[] apps = [TestInstallation.App, .. ExportingInstallation.MoreApps];
        foreach (var app in apps)
        {
            await service.PublishAsync(
                Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), $$"""{"tokens":["{{good}}","{{gone}}","{{bad}}"]}""", $$"""{"app":"{{app}}"}"""));
            await service.NextAsync();
        }
        using var http = new HttpClient();
        string[] series = [];
        await Eventually.TrueAsync(
            async () =>
            {
                series = [.. (await http.GetStringAsync($"http://{exporting.Worker}/metrics")).Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
                return apps.All(app => series.Any(line => line.StartsWith("pushfanout_tokens_pending", StringComparison.Ordinal) && line.Contains($"\"{app}\"", StringComparison.Ordinal)));
            },
            Eventually.Patience, "gauges of every app");

        output.WriteLine($"{series.Length} series");
        Assert.All(apps, app => Assert.Contains(series, line => line.Contains("_outcomes_total", StringComparison.Ordinal) && line.Contains($"\"{app}\"", StringComparison.Ordinal)));
        var opened = series.Where(line => line.StartsWith("pushfanout_apns_connections_opened_total{", StringComparison.Ordinal)).ToList();
        Assert.Equal(apps.Length, opened.Count);
        Assert.All(opened, line => Assert.False(line.EndsWith(" 0", StringComparison.Ordinal), line)); // how many each has now is its own business
        Assert.True(series.Length < Limit, $"{series.Length} series, most of them:\n" + string.Join('\n', series
            .GroupBy(line => line.Split('{', ' ')[0]).OrderByDescending(group => group.Count()).Take(20).Select(group => $"{group.Count(),5} {group.Key}")));
    }

    private static string Hex(int number) => Convert.ToHexStringLower(Requests.Token(number));
}
