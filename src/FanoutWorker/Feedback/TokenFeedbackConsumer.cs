using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Feedback;

/// <summary>
/// Removes dead tokens from the token sets, each only if the device has not registered since, and tells the app's back end. The same
/// report twice, or an old one after a new registration, removes nothing more. While the brake of the app is open nothing is removed,
/// and a suspicion is never enough: both wait in quarantine for an operator. Without Redis nobody knows, and nothing is removed.
/// </summary>
internal sealed class TokenFeedbackConsumer(
    AppCatalog apps, ITokenCache cache, IBrakeBooks brakes, TokenQuarantine quarantine, MessageSender sender, FanoutMetrics metrics, TimeProvider clock)
{
    private enum Course
    {
        Remove,
        Quarantine,
        Drop,
    }

    public async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken stopping)
    {
        if (Read(message) is not { } found)
        {
            return Disposition.Park("not a report of dead tokens");
        }
        if (apps.Find(found.App) is null)
        {
            return clock.GetUtcNow() - message.SentAt > TokenQuarantine.KeptFor
                ? Disposition.Park("a report of dead tokens for an app that is not configured")
                : Disposition.Later(WaitTier.ThirtySeconds, "unknown app");
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
        switch (CourseOf(message, found, await brakes.ReadAsync(found.App, stopping)))
        {
            case Course.Drop:
                metrics.TokensQuarantined(found.App, "dropped", dead.Count);
                return Disposition.Done;
            case Course.Quarantine when message.QuarantinedAt is { } since:
                await quarantine.PutBackAsync(message, since, stopping);
                return Disposition.Done;
            case Course.Quarantine:
                await quarantine.PutAsync(found, stopping);
                return Disposition.Done;
        }
        return await brakes.TakeRemovalsAsync(found.App, dead.Count, stopping)
            ? await RemoveAsync(message, found, dead, stopping)
            : Disposition.Later(WaitTier.ThirtySeconds, "removal rate");
    }

    private Course CourseOf(IncomingMessage message, DeadTokensFound found, BrakeStatus brake)
    {
        if (brake.DiscardedAt >= (message.QuarantinedAt ?? message.SentAt))
        {
            return Course.Drop;
        }
        if (message.QuarantinedAt is { } quarantinedAt)
        {
            if (brake.ReleasedAt >= quarantinedAt)
            {
                return Course.Remove;
            }
            if (clock.GetUtcNow() - quarantinedAt > TokenQuarantine.KeptFor)
            {
                return Course.Drop;
            }
        }
        return brake.Open || found.Tokens.Any(token => TokenReports.IsSuspicion(token.Reason)) ? Course.Quarantine : Course.Remove;
    }

    private async Task<Disposition> RemoveAsync(IncomingMessage message, DeadTokensFound found, IReadOnlyList<DeadToken> dead, CancellationToken stopping)
    {
        var retired = await cache.RetireAsync(found.App, dead, stopping);
        if (message is { SentAt: { } reported, QuarantinedAt: null })
        {
            metrics.FeedbackDone(clock.GetUtcNow() - reported);
        }
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
