using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.TokenCache;

namespace PushFanout.Integration.Tests;

/// <summary>An app's back end keeps its devices by message.</summary>
public sealed class DeviceRegistryTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task Devices_register_join_and_leave_audiences_and_unregister_by_message()
    {
        await using var installation = await TestInstallation.CreateAsync();
        await installation.StartWorkerAsync();
        var backEnd = await installation.ConnectAsync();
        var token = Convert.ToHexStringLower(Requests.Token(1));
        var at = TimeProvider.System.GetUtcNow();

        await backEnd.PublishAsync(
            Exchanges.DeviceRegistered, JsonSerializer.Serialize(new { app = TestInstallation.App, token, userId = "alice", deviceId = "phone", audiences = new[] { "news" }, at }));
        await CountIsAsync(installation, "news", 1);
        await backEnd.PublishAsync(
            Exchanges.AudienceChanged,
            JsonSerializer.Serialize(new { app = TestInstallation.App, audience = "sport", add = new[] { new { user = "alice" } } }));
        await CountIsAsync(installation, "sport", 1);
        await backEnd.PublishAsync(
            Exchanges.DeviceUnregistered, JsonSerializer.Serialize(new { app = TestInstallation.App, deviceId = "phone", at = at.AddSeconds(1) }));
        await CountIsAsync(installation, "all", 0);
        Assert.Empty(await installation.Devices.FindDevicesAsync(TestInstallation.App, DeviceSelector.ByUser("alice"), CancellationToken.None));
    }

    [Fact]
    public async Task The_longest_ids_that_a_message_may_carry_are_registered()
    {
        await using var installation = await TestInstallation.CreateAsync();
        await installation.StartWorkerAsync();
        var backEnd = await installation.ConnectAsync();
        var longest = new string('u', DeviceRegistered.MaxIdBytes);
        await backEnd.PublishAsync(
            Exchanges.DeviceRegistered,
            JsonSerializer.Serialize(new { app = TestInstallation.App, token = Convert.ToHexString(Requests.Token(1)), userId = longest, deviceId = longest, at = TimeProvider.System.GetUtcNow() }));

        await CountIsAsync(installation, "all", 1);
        Assert.Single(await installation.Devices.FindDevicesAsync(TestInstallation.App, DeviceSelector.ByUser(longest), CancellationToken.None));
    }

    [Fact]
    public async Task A_device_message_that_is_wrong_is_parked_without_a_word_of_its_content()
    {
        await using var installation = await TestInstallation.CreateAsync();
        await installation.StartWorkerAsync();
        var backEnd = await installation.ConnectAsync();
        await backEnd.PublishAsync(
            Exchanges.DeviceRegistered, JsonSerializer.Serialize(new { app = TestInstallation.App, token = "not-a-token-4711", at = TimeProvider.System.GetUtcNow() }));

        var parked = await backEnd.TakeAsync("pushfanout.parked");
        var reason = System.Text.Encoding.UTF8.GetString((byte[])parked.BasicProperties.Headers!["pushfanout-parked-reason"]!);
        Assert.Equal("token: invalid_token", reason);
    }

    private static Task CountIsAsync(TestInstallation installation, string audience, long count) => Eventually.TrueAsync(
        async () => await installation.CountAsync(audience) == count, Patience, $"{audience} has {count} devices");
}
