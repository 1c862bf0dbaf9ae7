using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Feedback;

/// <summary>Reports tokens that APNs called dead to the feedback queue. Returns when the report is confirmed: only then may they settle.</summary>
internal sealed class DeadTokenFeed(MessageSender sender)
{
    public Task PublishAsync(string app, Guid notification, IReadOnlyList<DeadToken> tokens, CancellationToken cancellationToken) => sender.PublishAsync(
        Exchanges.DeadTokensFound, routingKey: null,
        new DeadTokensFound
        {
            App = app,
            NotificationId = notification,
            Tokens = [.. tokens.Select(dead => new DeadDeviceToken { Token = DeviceTokenText.Encode(dead.Token.Span), Reason = dead.Reason, Since = dead.Since })],
        },
        messageId: null, cancellationToken);
}
