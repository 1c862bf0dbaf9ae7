using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Feedback;

/// <summary>Reports tokens that APNs called dead to the feedback queue. Returns when the report is confirmed: only then may they settle.</summary>
internal sealed class DeadTokenFeed(MessageSender sender)
{
    public Task PublishAsync(string app, Guid notification, IReadOnlyList<DeadToken> tokens, CancellationToken cancellationToken) => sender.PublishAsync(
        Exchanges.DeadTokensFound, routingKey: null, TokenReports.Of(app, notification, tokens), messageId: null, cancellationToken);
}
