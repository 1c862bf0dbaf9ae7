using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using PushFanout.Contracts;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Control;

/// <summary>
/// Ends a notification whose tokens are all settled: freeze the totals, publish them, close the record. A crash between any two
/// repeats it with the same totals under the same message id.
/// </summary>
internal sealed partial class NotificationEnd(
    INotificationLedger ledger, MessageSender sender, PushFanoutOptions options, FanoutMetrics metrics, ILogger<NotificationEnd> logger)
{
    /// <summary>Several batches of a worker see the end in the same settle; one of them publishes it.</summary>
    private readonly ConcurrentDictionary<Guid, Lazy<Task>> _ending = new();

    /// <summary>Returns when the end is published and the record closed.</summary>
    /// <param name="shortWay">Whether it went the short way: its id is remembered for a shorter time.</param>
    public async Task CompleteAsync(Guid notification, bool shortWay)
    {
        var ending = _ending.GetOrAdd(notification, id => new Lazy<Task>(() => PublishAndCloseAsync(id, shortWay)));
        try
        {
            await ending.Value;
        }
        finally
        {
            _ending.TryRemove(KeyValuePair.Create(notification, ending));
        }
    }

    private async Task PublishAndCloseAsync(Guid id, bool shortWay)
    {
        if (await ledger.FinishAsync(id, CancellationToken.None) is not { } totals)
        {
            return;
        }
        if (totals.Request.IsEmpty)
        {
            return; // closed by somebody else between our settle and now
        }
        var request = StoredRequest.Read(totals.Request).Request;
        if (request.Report == Report.Summary)
        {
            await sender.PublishAsync(
                Exchanges.NotificationCompleted, RoutingKey.Of(totals.App, request.Source), CompletionReport.Of(totals, request), MessageIdOf(id), CancellationToken.None);
        }
        await ledger.CloseAsync(id, shortWay ? options.DedupeWindow.ShortWay : options.DedupeWindow.Planned, options.Receipts.Retention, CancellationToken.None);
        var difference = totals.Audience - totals.ByOutcome.Sum();
        metrics.NotificationCompleted(totals.App, totals.State.ToString().ToLowerInvariant(), difference);
        if (!shortWay)
        {
            Completed(
                logger, id, totals.App, totals.State, totals.Audience, totals.ByOutcome[(int)Outcome.Accepted], totals.ByOutcome[(int)Outcome.Unregistered],
                totals.ByOutcome[(int)Outcome.Rejected], totals.ByOutcome[(int)Outcome.Expired], totals.ByOutcome[(int)Outcome.Cancelled], totals.ByOutcome[(int)Outcome.Undeliverable]);
        }
    }

    /// <summary>The same for the same notification, so that a repetition is recognised: a name-based UUID (RFC 9562, version 5) of id and "completed".</summary>
    internal static Guid MessageIdOf(Guid notification)
    {
        Span<byte> name = stackalloc byte[16 + 9];
        notification.TryWriteBytes(name, bigEndian: true, out _);
        "completed"u8.CopyTo(name[16..]);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // version 5 is SHA-1 by definition, and it names something here, it protects nothing
        SHA1.HashData(name, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    [LoggerMessage(5010, LogLevel.Information,
        "Notification {NotificationId} of {App} ended {State}: audience {Audience}, accepted {Accepted}, unregistered {Unregistered}, rejected {Rejected}, expired {Expired}, cancelled {Cancelled}, undeliverable {Undeliverable}")]
    private static partial void Completed(
        ILogger logger, Guid notificationId, string app, NotificationState state, long audience, long accepted, long unregistered, long rejected, long expired, long cancelled, long undeliverable);
}
