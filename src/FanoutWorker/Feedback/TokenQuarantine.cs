using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Feedback;

/// <summary>
/// Holds reports of tokens until an operator decides about them. A report rests in a queue of its own, and feedback looks at it
/// every half minute: released it is carried out, discarded it is dropped, and after a week without a decision too, for a token that
/// is dead will be reported again.
/// </summary>
internal sealed class TokenQuarantine(IBrakeBooks books, MessageSender sender, FanoutMetrics metrics, TimeProvider clock)
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    /// <summary>Puts suspected tokens there; returns when that is confirmed.</summary>
    public async Task PutAsync(string app, Guid notification, IReadOnlyList<DeadToken> tokens, CancellationToken cancellationToken) =>
        await PutAsync(TokenReports.Of(app, notification, tokens), cancellationToken);

    /// <summary>Puts a report there that the brake does not let through.</summary>
    public async Task PutAsync(DeadTokensFound report, CancellationToken cancellationToken)
    {
        await sender.QuarantineAsync(ContractJson.Serialize(report), clock.GetUtcNow(), cancellationToken);
        foreach (var reason in report.Tokens.GroupBy(token => token.Reason))
        {
            await books.CountQuarantinedAsync(report.App, reason.Key, reason.Count(), cancellationToken);
        }
        metrics.TokensQuarantined(report.App, "quarantined", report.Tokens.Count);
    }

    /// <summary>Puts a report back about which nobody has decided.</summary>
    public Task PutBackAsync(IncomingMessage message, DateTimeOffset quarantinedAt, CancellationToken cancellationToken) =>
        sender.QuarantineAsync(IncomingJson.Of(message), quarantinedAt, cancellationToken);
}
