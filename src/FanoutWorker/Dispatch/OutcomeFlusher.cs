using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.TokenCache;
using PushFanout.Worker.Control;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// Writes the outcomes of all batches of this worker to the ledger, many in one call: every 20 ms, sooner when a batch waits for
/// it or has many. Also renews the leases. What Redis could not take is kept and tried again, so that an answer that was heard
/// is not forgotten because Redis is away.
/// </summary>
internal sealed partial class OutcomeFlusher(
    INotificationLedger ledger, RangeRelease release, DispatchOptions options, TimeProvider clock, ILogger<OutcomeFlusher> logger) : BackgroundService
{
    /// <summary>How long a claimed batch is ours without a settle.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A batch that has nothing to write asks this often all the same: the answer renews its lease and tells of a pause or cancel,
    /// which must be in effect within a second also where every push waits for its rate.
    /// </summary>
    private static readonly TimeSpan AskAtLeastEvery = TimeSpan.FromMilliseconds(400);

    /// <summary>Pushes start for this long after the ledger was last asked; a pause or cancel reaches also a worker that was frozen meanwhile.</summary>
    private static readonly TimeSpan AnswerFreshFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<BatchRun, Tracked> _runs = new();
    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>How a run calls for a flush before the interval is over.</summary>
    public Checkpoint Checkpoint => new(options.CheckpointEvery, Wake);

    /// <summary>Whether outcomes of this batch from an earlier delivery still wait for Redis: claiming it now would send them again.</summary>
    public bool IsUnsettled(BatchKey batch)
    {
        foreach (var (run, tracked) in _runs)
        {
            if (tracked.Abandoned && run.Batch.Key == batch)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Starts to write this run's outcomes.</summary>
    /// <param name="claimedAt">Timestamp from before the claim: the lease is not longer than counted from there.</param>
    /// <returns>
    /// To be disposed when the batch is left. A run that was not finished by then, because something threw, is written once more and let
    /// go: nobody else could claim its batch while its lease is renewed.
    /// </returns>
    public IDisposable Track(BatchRun run, long claimedAt)
    {
        run.Starts.Grant(claimedAt, AnswerFreshFor);
        var tracked = _runs[run] = new Tracked { LeaseFrom = claimedAt };
        Wake();
        return tracked;
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            try
            {
                _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else woke it at the same moment.
            }
        }
    }

    /// <summary>Returns when everything that the run knows now is in the ledger, or the ledger has lost the notification; ends its tracking.</summary>
    /// <exception cref="TokenCacheUnavailableException">Redis did not take it in time. The flusher goes on trying; see <see cref="IsUnsettled"/>.</exception>
    public async Task FinishAsync(BatchRun run, TimeSpan patience, CancellationToken cancellationToken)
    {
        var tracked = _runs[run];
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tracked.Finished = settled;
        Wake();
        try
        {
            await settled.Task.WaitAsync(patience, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            tracked.Abandoned = true;
            throw new TokenCacheUnavailableException("the outcomes of a batch could not be written in time; they are kept");
        }
        catch (OperationCanceledException)
        {
            tracked.Abandoned = true;
            throw;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // With nothing in flight there is nothing to do until somebody calls; otherwise look every checkpoint interval.
            await _wake.WaitAsync(_runs.IsEmpty ? TimeSpan.FromSeconds(1) : options.CheckpointInterval, CancellationToken.None);
            if (!await FlushDueAsync())
            {
                await Task.Delay(PauseAfterFailure, clock, CancellationToken.None);
            }
        }
        await FlushDueAsync();
    }

    private async Task<bool> FlushDueAsync()
    {
        List<(BatchRun Run, Tracked Tracked)>? due = null;
        foreach (var (run, tracked) in _runs)
        {
            var age = clock.GetElapsedTime(tracked.LeaseFrom);
            if (age > Lease - LeaseMargin)
            {
                run.Stop();
            }
            if (run.Unconfirmed > 0 || tracked.Finished is not null || age > AskAtLeastEvery)
            {
                (due ??= []).Add((run, tracked));
            }
        }
        if (due is null)
        {
            return true;
        }
        var settled = await Task.WhenAll(due.GroupBy(entry => entry.Run.Batch.Key.Notification).Select(group => SettleAsync(group.Key, [.. group])));
        return settled.All(success => success);
    }

    private async Task<bool> SettleAsync(Guid notification, IReadOnlyList<(BatchRun Run, Tracked Tracked)> due)
    {
        var asked = due.Select(entry => entry.Tracked.Finished).ToArray();
        var segments = due.Select(entry => entry.Run.Segment(Lease)).ToArray();
        var started = clock.GetTimestamp();
        SettleResult result;
        try
        {
            result = await ledger.SettleAsync(notification, segments, CancellationToken.None);
        }
        catch (TokenCacheUnavailableException failure)
        {
            NotSettled(logger, notification, segments.Length, failure.Message);
            return false;
        }
        for (var i = 0; i < due.Count; i++)
        {
            var (run, tracked) = due[i];
            if (result.Lost)
            {
                run.OnLedgerLost();
            }
            else
            {
                run.OnSettled(segments[i], result.Progress, result.StillOwner[i]); // stops the run where it has to, before more is granted
                run.Starts.Grant(started, AnswerFreshFor);
            }
            tracked.LeaseFrom = result.StillOwner[i] ? started : tracked.LeaseFrom;
            if (asked[i] is { } waiting && (run.Unconfirmed == 0 || run.LedgerLost))
            {
                _runs.TryRemove(run, out _);
                waiting.TrySetResult();
            }
        }
        if (result.Progress.ReleaseRange >= 0)
        {
            release.Request(notification, result.Progress.ReleaseRange, due[0].Run.Trail);
        }
        return true;
    }

    private sealed class Tracked : IDisposable
    {
        private long _leaseFrom;

        public long LeaseFrom { get => Volatile.Read(ref _leaseFrom); set => Volatile.Write(ref _leaseFrom, value); }

        /// <summary>Set once the batch waits for its last settle.</summary>
        public volatile TaskCompletionSource? Finished;

        /// <summary>Its delivery has given up waiting; the outcomes are still to be written.</summary>
        public volatile bool Abandoned;

        public void Dispose()
        {
            if (Finished is null)
            {
                Abandoned = true;
                Finished = new TaskCompletionSource();
            }
        }
    }

    [LoggerMessage(3001, LogLevel.Warning, "Notification {NotificationId}: outcomes of {Batches} batches wait for Redis: {Failure}")]
    private static partial void NotSettled(ILogger logger, Guid notificationId, int batches, string failure);
}
