using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;

namespace PushFanout.Integration.Tests;

/// <summary>Operators may give each worker a part of the work.</summary>
public sealed class RolesTests
{
    [Fact]
    public async Task Workers_with_one_role_each_do_the_whole_job_together()
    {
        await using var installation = await TestInstallation.CreateAsync();
        await installation.ImportAsync(Enumerable.Range(0, 3_000).Select(number => Requests.Device(number)));
        installation.Simulator.Tokens.Answer(Requests.Token(7), 410, "Unregistered", TimeProvider.System.GetUtcNow());
        foreach (var role in (string[])["intake", "expansion", "dispatch", "feedback"])
        {
            installation.Set("Roles:0", role);
            await installation.StartWorkerAsync();
        }
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        await service.ListenAsync(Exchanges.DevicesRetired, $"{TestInstallation.App}.#");
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["all"]}"""));

        var results = new[] { await service.NextAsync(), await service.NextAsync() };
        var completed = Assert.Single(results, result => result.TryGetProperty("outcomes", out _));
        Assert.Equal(2_999, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(2_999, await installation.CountAsync("all"));
        Assert.Equal(0, installation.Simulator.Recorder.Duplicates);
    }
}
