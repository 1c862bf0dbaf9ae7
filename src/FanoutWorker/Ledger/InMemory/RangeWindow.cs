namespace PushFanout.Worker.Ledger;

/// <summary>
/// Which ranges have been handed out for expansion, at most a window of them that have not passed. What is handed out but
/// never snapped was lost on its way to the broker, so it is handed out again.
/// </summary>
internal sealed class RangeWindow
{
    private readonly int _ranges;
    private readonly int _window;
    private readonly Queue<(int Range, DateTimeOffset At)> _offered = new();

    public RangeWindow(int ranges, int window, DateTimeOffset now)
    {
        _ranges = ranges;
        _window = window;
        while (Released < Math.Min(ranges, window))
        {
            _offered.Enqueue((Released++, now));
        }
    }

    /// <summary>Ranges 0 to Released − 1 have been handed out.</summary>
    public int Released { get; private set; }

    /// <summary>The range has reached an expander.</summary>
    public void Arrived(int range)
    {
        for (var left = _offered.Count; left > 0; left--)
        {
            var offer = _offered.Dequeue();
            if (offer.Range != range)
            {
                _offered.Enqueue(offer);
            }
        }
    }

    /// <summary>A range to publish now, or −1.</summary>
    public int Offer(int passed, DateTimeOffset now, TimeSpan again)
    {
        var range = -1;
        if (_offered.TryPeek(out var oldest) && now - oldest.At >= again)
        {
            range = _offered.Dequeue().Range;
        }
        else if (Released < _ranges && Released - passed < _window)
        {
            range = Released++;
        }
        if (range >= 0)
        {
            _offered.Enqueue((range, now));
        }
        return range;
    }
}
