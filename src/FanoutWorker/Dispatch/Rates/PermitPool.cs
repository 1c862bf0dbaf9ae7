namespace PushFanout.Worker.Dispatch;

/// <summary>
/// This worker's permits of one rate: the slice in use and the next one, which is asked for while the first lasts. So a push
/// costs no call, and no batch waits for an answer while there is traffic. Batches that find nothing ripe wait in turns.
/// </summary>
internal sealed class PermitPool(SharedRate rate, IRateLeases leases, TimeProvider clock)
{
    /// <summary>Where a slice has fewer permits than this, one that expires is dearer than the wait for an answer: nothing is asked for on suspicion.</summary>
    private const int ForesightFrom = 10;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);

    private readonly long _origin = clock.GetTimestamp();
    private readonly int _handful = LeasedSlice.HandfulOf(rate.PerSecond);
    private readonly Lock _gate = new();
    private readonly List<LeasedSlice> _slices = new(2);
    private readonly WaitingLine _line = new();
    private bool _serving;
    private int _foreseen;
    private int _takenSinceAsked;
    private TimeSpan _askAgainAt;
    private TimeSpan _lastUsed;

    public double PerSecond => rate.PerSecond;

    private TimeSpan Now => clock.GetElapsedTime(_origin);

    /// <summary>How long nobody has asked for permits.</summary>
    public TimeSpan Idle { get { lock (_gate) { return _serving ? TimeSpan.Zero : Now - _lastUsed; } } }

    /// <summary>1 to <paramref name="wanted"/> permits, or 0 when there are none within <paramref name="patience"/>.</summary>
    /// <param name="notification">Whose turn it is.</param>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited.</exception>
    public ValueTask<int> TakeAsync(Guid notification, int wanted, TimeSpan patience, CancellationToken cancellationToken)
    {
        var taken = 0;
        WaitingBatch? waiting = null;
        var serve = false;
        lock (_gate)
        {
            var now = Now;
            _lastUsed = now;
            if (_line.IsEmpty)
            {
                taken = Take(now, wanted);
                _foreseen = taken > 0 ? wanted - taken : 0;
            }
            else if (TimeSpan.FromSeconds(_line.TurnsUntilServed(notification) * _handful / rate.PerSecond) > patience)
            {
                return ValueTask.FromResult(0);
            }
            if (taken == 0)
            {
                waiting = new WaitingBatch(wanted, now + patience);
                _line.Add(notification, waiting);
            }
            if (!_serving && (waiting is not null || Missing(now) > 0))
            {
                serve = _serving = true;
            }
        }
        if (serve)
        {
            _ = ServeAsync();
        }
        return waiting is null ? ValueTask.FromResult(taken) : waiting.GrantedAsync(cancellationToken);
    }

    /// <summary>Permits that were taken and not used after all.</summary>
    public void GiveBack(int permits)
    {
        lock (_gate)
        {
            if (_slices.Count > 0)
            {
                _slices[0].GiveBack(permits);
            }
        }
    }

    /// <summary>Runs while somebody waits or a slice is to be asked for.</summary>
    private async Task ServeAsync()
    {
        try
        {
            var asking = Task.CompletedTask;
            while (true)
            {
                int ask;
                TimeSpan pause;
                lock (_gate)
                {
                    var now = Now;
                    Serve(now);
                    ask = asking.IsCompleted ? Missing(now) : 0;
                    if (_line.IsEmpty && ask == 0 && asking.IsCompleted)
                    {
                        _serving = false;
                        return;
                    }
                    pause = Pause(now);
                    if (ask > 0)
                    {
                        _takenSinceAsked = _foreseen = 0;
                    }
                }
                if (ask > 0)
                {
                    asking = AskAsync(ask);
                }
                if (!asking.IsCompleted)
                {
                    await Task.WhenAny(asking, Task.Delay(pause, clock));
                }
                else if (ask == 0)
                {
                    await Task.Delay(pause, clock);
                }
                if (asking.IsCompleted)
                {
                    await asking;
                }
            }
        }
        catch (Exception fault)
        {
            // Whoever waits hears of it; the next one starts anew.
            lock (_gate)
            {
                _serving = false;
                while (_line.Next() is { } waiting)
                {
                    waiting.Fail(fault);
                }
            }
        }
    }

    private async Task AskAsync(int permits)
    {
        var lease = await leases.LeaseAsync(rate, permits);
        lock (_gate)
        {
            var now = Now;
            if (lease.Permits > 0)
            {
                _slices.Add(new LeasedSlice(lease.Permits, now + lease.Wait, rate.PerSecond));
            }
            else
            {
                // Spread, so that of several workers not always the same is the first to ask.
                _askAgainAt = now + (lease.Wait - IRateLeases.Horizon) * (0.5 + Random.Shared.NextDouble()) + ShortestPause;
            }
        }
    }

    private void Serve(TimeSpan now)
    {
        _line.Dismiss(now);
        while (Ripe(now) is > 0 and var ripe && _line.Next() is { } waiting)
        {
            var permits = Math.Min(waiting.Wanted, Math.Min(ripe, _handful));
            if (waiting.TryGrant(permits))
            {
                Take(now, permits);
            }
        }
        _slices.RemoveAll(slice => slice.IsOver(now));
    }

    private int Take(TimeSpan now, int wanted)
    {
        var taken = 0;
        foreach (var slice in _slices)
        {
            taken += slice.Take(now, wanted - taken);
        }
        _takenSinceAsked += taken;
        return taken;
    }

    private int Ripe(TimeSpan now)
    {
        var ripe = 0;
        foreach (var slice in _slices)
        {
            ripe += slice.Ripe(now);
        }
        return ripe;
    }

    /// <summary>How many permits to ask for now; what will be used is known from who waits, or else guessed from what was used lately.</summary>
    private int Missing(TimeSpan now)
    {
        _slices.RemoveAll(slice => slice.IsOver(now));
        if (now < _askAgainAt)
        {
            return 0;
        }
        var size = LeasedSlice.SizeOf(rate.PerSecond, leases.Workers);
        var held = _slices.Sum(slice => slice.Left);
        var guessed = size < ForesightFrom ? 0 : (_takenSinceAsked * 5 / 4) + 1;
        // Two slices' worth and not two slices: small ones would leave this worker with nothing while the other workers' times pass.
        return Math.Clamp(Math.Min(Math.Max(_line.Wanted + _foreseen, guessed), 2 * size) - held, 0, size);
    }

    /// <summary>Until something ripens for those who wait, or it is time to ask again.</summary>
    private TimeSpan Pause(TimeSpan now)
    {
        var next = _slices.Count > 0 ? _slices.Min(slice => slice.NextRipe()) : _askAgainAt;
        return _line.IsEmpty || (_slices.Count == 0 && next <= now)
            ? LongestPause
            : TimeSpan.FromTicks(Math.Clamp((next - now).Ticks, ShortestPause.Ticks, LongestPause.Ticks));
    }
}
