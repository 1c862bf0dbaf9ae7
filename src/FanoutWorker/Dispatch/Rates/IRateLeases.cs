namespace PushFanout.Worker.Dispatch;

/// <summary>Where a worker gets permits to start pushes: from books that all workers share, or that this process keeps alone.</summary>
internal interface IRateLeases
{
    /// <summary>Further ahead than this a rate is not booked: whoever asks then is to ask again.</summary>
    static TimeSpan Horizon => TimeSpan.FromSeconds(1);

    /// <summary>A worker that was held up for this long still gets the time that nobody booked meanwhile.</summary>
    static TimeSpan Lateness => TimeSpan.FromMilliseconds(100);

    /// <summary>Workers that share the rates, this one included.</summary>
    int Workers { get; }

    /// <summary>
    /// Books the next free time of the rate for so many permits. Time that passed unbooked is gone but for
    /// <see cref="Lateness"/>, so nobody can save up a burst.
    /// Books that cannot be reached are no failure of the caller: it gets what is safe without them.
    /// </summary>
    ValueTask<RateLease> LeaseAsync(SharedRate rate, int permits);
}
