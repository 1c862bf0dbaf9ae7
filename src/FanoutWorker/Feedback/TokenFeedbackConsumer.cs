using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Feedback;

/// <summary>
/// Removes dead tokens from the token sets, each only if the device has not registered since, and tells the app's back end. The same
/// report twice, or an old one after a new registration, removes nothing more.
/// </summary>
internal sealed class TokenFeedbackConsumer(ITokenCache cache, MessageSender sender, FanoutMetrics metrics, TimeProvider clock)
{
    public async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken stopping)
    {
        if (Read(message) is not { } found)
        {
            return Disposition.Park("not a report of dead tokens");
        }
        var dead = new List<DeadToken>(found.Tokens.Count);
        foreach (var entry in found.Tokens)
        {
            if (!DeviceTokenText.TryDecode(entry.Token, out var token))
            {
                return Disposition.Park("a report of dead tokens with something that is no token");
            }
            dead.Add(new DeadToken(token, entry.Since, entry.Reason));
        }
        var retired = await cache.RetireAsync(found.App, dead, stopping);
        if (retired.Count > 0)
        {
            metrics.TokensRetired(found.App, retired.Count);
            await sender.PublishAsync(Exchanges.DevicesRetired, RoutingKey.Of(found.App, null), Report(found.App, retired), messageId: null, stopping);
        }
        return Disposition.Done;
    }

    private DevicesRetired Report(string app, IReadOnlyList<RetiredDevice> retired) => new()
    {
        App = app,
        RetiredAt = clock.GetUtcNow(),
        Devices =
        [
            .. retired.Select(device => new RetiredDeviceToken
            {
                Token = DeviceTokenText.Encode(device.Token.Span),
                UserId = device.UserId,
                DeviceId = device.DeviceId,
                Reason = device.Reason,
                Since = device.Since,
            }),
        ],
    };

    private static DeadTokensFound? Read(IncomingMessage message)
    {
        try
        {
            return JsonSerializer.Deserialize<DeadTokensFound>(IncomingJson.Of(message).Span, ContractJson.Options) is { Tokens: not null, App: not null } found
                && ContractNames.IsApp(found.App) ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
