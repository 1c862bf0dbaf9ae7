using System.Globalization;
using Microsoft.AspNetCore.Http;
using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Http;

/// <summary>Bodies that name devices of one app, which the address or the notification knows already.</summary>
internal static class DeviceBody
{
    /// <summary>The body with app and time where they are not given.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, string app, TimeProvider clock, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, cancellationToken);
        return JsonBody.WithDefault(JsonBody.WithDefault(body, "app", app), "at", clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
    }

    public static WorkerContext ContextOf(AppCatalog apps) => new() { FindApp = name => apps.Find(name) is { } app ? AppEndpoints.FactsOf(app) : null };

    public static DeviceSelector SelectorOf(DeviceUnregistered device) =>
        device.Token is { } token ? DeviceSelector.ByToken(Convert.FromHexString(token))
        : device.DeviceId is { } deviceId ? DeviceSelector.ByDeviceId(deviceId)
        : DeviceSelector.ByUser(device.UserId!);

    public static IResult OtherApp() =>
        FaultAnswer.Of("app", FaultCodes.ConflictingFields, "It is another app than is meant here.");
}
