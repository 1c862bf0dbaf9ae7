using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Intake;

/// <summary>Keeps devices and audiences as the apps' back ends report them.</summary>
internal sealed class DeviceRegistryConsumer(AppCatalog apps, ITokenCache cache)
{
    public async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken stopping)
    {
        var json = IncomingJson.Of(message);
        var context = new WorkerContext { FindApp = FactsOf };
        return message.Exchange switch
        {
            Exchanges.DeviceRegistered => await FollowAsync(DeviceRegisteredReader.Read(json, context), device => RegisterAsync(device, stopping)),
            Exchanges.DeviceUnregistered => await FollowAsync(DeviceUnregisteredReader.Read(json, context), device => UnregisterAsync(device, stopping)),
            Exchanges.AudienceChanged => await FollowAsync(AudienceChangedReader.Read(json, context), change => ChangeAsync(change, stopping)),
            _ => Disposition.Park("published to the queue directly: whether it registers or unregisters a device cannot be known"),
        };
    }

    private static async Task<Disposition> FollowAsync<T>(ContractReading<T> read, Func<T, Task> follow) where T : class
    {
        if (read.Message is not { } message)
        {
            return Disposition.Park(IncomingJson.WhyNot(read));
        }
        await follow(message);
        return Disposition.Done;
    }

    private Task RegisterAsync(DeviceRegistered device, CancellationToken stopping) => cache.RegisterAsync(
        device.App, new DeviceRegistration(Bytes(device.Token), device.At, device.DeviceId, device.UserId, device.Audiences), stopping);

    private Task UnregisterAsync(DeviceUnregistered device, CancellationToken stopping) => cache.UnregisterAsync(
        device.App,
        device.Token is not null ? DeviceSelector.ByToken(Bytes(device.Token))
            : device.DeviceId is not null ? DeviceSelector.ByDeviceId(device.DeviceId)
            : DeviceSelector.ByUser(device.UserId!),
        device.At, stopping);

    private Task ChangeAsync(AudienceChanged change, CancellationToken stopping) => cache.ChangeAudienceAsync(
        change.App,
        new TokenCache.AudienceChange(change.Audience, Users(change.Add), Tokens(change.Add), Users(change.Remove), Tokens(change.Remove)),
        stopping);

    private static IReadOnlyList<string> Users(IReadOnlyList<AudienceMember>? members) =>
        [.. (members ?? []).Where(member => member.User is not null).Select(member => member.User!)];

    private static IReadOnlyList<ReadOnlyMemory<byte>> Tokens(IReadOnlyList<AudienceMember>? members) =>
        [.. (members ?? []).Where(member => member.Token is not null).Select(member => new ReadOnlyMemory<byte>(Bytes(member.Token!)))];

    private static byte[] Bytes(string token) => Convert.FromHexString(token);

    private AppFacts? FactsOf(string name) => apps.Find(name) is { } app ? new AppFacts { Topic = app.Options.Topic } : null;
}
