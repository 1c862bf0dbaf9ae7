using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.TokenCache;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Control;

/// <summary>
/// Publishes ranges that the ledger hands out. A range that is handed out and, because this worker dies, never published is
/// handed out again by the ledger; so nothing waits for it here.
/// </summary>
internal sealed partial class RangeRelease(INotificationLedger ledger, MessageSender sender, ILogger<RangeRelease> logger) : BackgroundService
{
    private readonly Channel<(Guid Notification, int Range, Trail? Trail)> _handedOut = Channel.CreateBounded<(Guid, int, Trail?)>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Takes note of a range to publish.</summary>
    /// <param name="notification">Whose range it is.</param>
    /// <param name="range">Its number.</param>
    /// <param name="trail">Of the work that released it.</param>
    public void Request(Guid notification, int range, Trail? trail) => _handedOut.Writer.TryWrite((notification, range, trail));

    /// <summary>Publishes ranges now and returns when they are confirmed.</summary>
    public async Task PublishAsync(StoredNotification notification, IEnumerable<int> ranges, CancellationToken cancellationToken)
    {
        var request = StoredRequest.Read(notification.Request);
        foreach (var range in ranges)
        {
            var message = new ExpandRange(
                notification.Id, request.Lane, range, range == 0 ? 0 : notification.RangeEnds[range - 1], notification.RangeEnds[range],
                notification.RequestedAt, notification.Request);
            await sender.SendWorkAsync(QueueNames.ExpandRange(message.Lane), WorkMessageFormat.Write(message), cancellationToken);
        }
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _handedOut.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (id, range, trail) in _handedOut.Reader.ReadAllAsync(CancellationToken.None))
        {
            Trail.Current = trail;
            try
            {
                if (await ledger.ReadAsync(id, CancellationToken.None) is { } notification)
                {
                    await PublishAsync(notification, [range], CancellationToken.None);
                }
            }
            catch (Exception failure) when (failure is TokenCacheUnavailableException or BrokerUnavailableException)
            {
                NotPublished(logger, id, range, failure.Message);
            }
            catch (Exception failure)
            {
                // A request that this build cannot read, for example: that is no reason to end, nor for the next worker that is offered it.
                NotPublished(logger, id, range, failure.GetType().Name);
            }
        }
    }

    [LoggerMessage(5001, LogLevel.Warning, "Notification {NotificationId}: range {Range} is not published yet, the ledger hands it out again: {Failure}")]
    private static partial void NotPublished(ILogger logger, Guid notificationId, int range, string failure);
}
