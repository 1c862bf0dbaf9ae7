using System.Diagnostics;
using PushFanout.Chaos.Installation;

namespace PushFanout.Chaos.Running;

/// <summary>
/// Watches how many devices the simulator has accepted a push to: how long that stood still, and how long after a fault it moved again. A push again
/// to the same device is no progress: a worker that does nothing else would keep a run going for ever.
/// </summary>
internal sealed class ProgressWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly SimulatorProcess _simulator;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task _watching;
    private long _accepted;
    private long _reached;
    private long _movedAt = Stopwatch.GetTimestamp();
    private long? _faultEndedAt;
    private TimeSpan _longestRecovery;

    public ProgressWatch(SimulatorProcess simulator)
    {
        _simulator = simulator;
        _watching = WatchAsync();
    }

    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Since another device was reached, or something else reported by <see cref="Moved"/>.</summary>
    public TimeSpan StoodStill => Stopwatch.GetElapsedTime(Interlocked.Read(ref _movedAt));

    /// <summary>From the end of a fault to the next acceptance; the longest of the run.</summary>
    public TimeSpan LongestRecovery
    {
        get
        {
            lock (_gate)
            {
                return _longestRecovery;
            }
        }
    }

    /// <summary>Something else than an acceptance shows that things go on.</summary>
    public void Moved() => Interlocked.Exchange(ref _movedAt, Stopwatch.GetTimestamp());

    /// <summary>A fault is over, or was over as soon as it came: from here on recovery counts. Of several the first counts until something is accepted.</summary>
    public void FaultEnded()
    {
        lock (_gate)
        {
            _faultEndedAt ??= Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Nothing is left to send: what has not moved since a fault has no reason to.</summary>
    public void NothingLeft()
    {
        lock (_gate)
        {
            _faultEndedAt = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                var state = await _simulator.ReadStateAsync();
                Interlocked.Exchange(ref _accepted, state.Accepted);
                if (state.Accepted - state.Duplicates > _reached)
                {
                    _reached = state.Accepted - state.Duplicates;
                    Moved();
                    Recovered();
                }
                await Task.Delay(Interval, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private void Recovered()
    {
        lock (_gate)
        {
            if (_faultEndedAt is { } ended)
            {
                var took = Stopwatch.GetElapsedTime(ended);
                _longestRecovery = took > _longestRecovery ? took : _longestRecovery;
                _faultEndedAt = null;
            }
        }
    }
}
