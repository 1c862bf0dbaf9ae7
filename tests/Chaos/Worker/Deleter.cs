using System.Collections.Concurrent;
using MassTransit;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Chaos.Worker;

/// <summary>Breaks the guard "delete on 410 only": what settles for a bad device token is removed from the token cache.</summary>
internal sealed class Deleter(INotificationLedger ledger, Func<ITokenCache> cache, TimeProvider clock) : LedgerDecorator(ledger), IFilter<ReceiveContext>
{
    private readonly ConcurrentDictionary<BatchKey, PushBatch> _batches = [];

    public override async Task<SettleResult> SettleAsync(Guid id, IReadOnlyList<SettleSegment> segments, CancellationToken cancellationToken)
    {
        foreach (var segment in segments)
        {
            if (_batches.TryGetValue(segment.Batch, out var batch))
            {
                await cache().RetireAsync(batch.Template.App, [.. BadTokens(batch, segment)], cancellationToken);
            }
        }
        return await base.SettleAsync(id, segments, cancellationToken);
    }

    /// <summary>Remembers which tokens a batch has: settlements speak of positions.</summary>
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        if (WorkMessageFormat.TryRead(context.Body.GetBytes(), out var message) == WorkMessageFormat.ReadProblem.None && message is PushBatch batch)
        {
            _batches[batch.Key] = batch;
        }
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("delete-on-400");

    private IEnumerable<DeadToken> BadTokens(PushBatch batch, SettleSegment segment)
    {
        var tokens = batch.Tokens.ToArray();
        for (var i = 0; i < segment.Outcomes.Length; i++)
        {
            if (new OutcomeByte(segment.Outcomes.Span[i]) is { Reason: OutcomeReason.BadDeviceToken })
            {
                yield return new DeadToken(tokens[segment.Offset - batch.Offset + i], clock.GetUtcNow(), "BadDeviceToken");
            }
        }
    }
}
