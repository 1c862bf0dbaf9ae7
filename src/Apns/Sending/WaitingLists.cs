namespace PushFanout.Apns.Sending;

/// <summary>
/// Lists that wait for streams: urgent ones first, and among equals one push each in turn, so that a long list delays no short one.
/// </summary>
internal sealed class WaitingLists
{
    private readonly Queue<PushList> urgent = new();
    private readonly Queue<PushList> normal = new();

    public bool Any => urgent.Count + normal.Count > 0;

    public void Add(PushList list)
    {
        if (!list.Queued)
        {
            list.Queued = true;
            (list.Urgent ? urgent : normal).Enqueue(list);
        }
    }

    /// <summary>Whose turn it is; stays in line. A list that may not start now lets the others pass.</summary>
    public PushList? Peek(bool wantUrgent)
    {
        var line = wantUrgent ? urgent : normal;
        for (var left = line.Count; left > 0; left--)
        {
            if (line.Peek() is { Starts: not { IsOver: true } } list)
            {
                return list;
            }
            line.Enqueue(line.Dequeue());
        }
        return null;
    }

    /// <summary>Takes one push of the list whose turn it is, and sends the list to the end of the line.</summary>
    public PendingPush Take(bool wantUrgent)
    {
        var line = wantUrgent ? urgent : normal;
        var list = line.Dequeue();
        var pending = list.Take();
        if (list.HasPending)
        {
            line.Enqueue(list);
        }
        else
        {
            list.Queued = false;
        }
        return pending;
    }

    /// <summary>Takes out every push that was begun before <paramref name="earliest"/> and has come back.</summary>
    public void TakeLate(long earliest, List<(PushList List, int[] Indexes)> late)
    {
        foreach (var line in (ReadOnlySpan<Queue<PushList>>)[urgent, normal])
        {
            foreach (var list in line)
            {
                if (list.TakeLate(earliest) is { Length: > 0 } indexes)
                {
                    late.Add((list, indexes));
                }
            }
        }
        Remove(list => !list.HasPending);
    }

    /// <summary>Takes out every list that <paramref name="wanted"/> picks.</summary>
    public List<PushList> Remove(Predicate<PushList> wanted)
    {
        List<PushList> removed = [];
        Sift(urgent);
        Sift(normal);
        return removed;

        void Sift(Queue<PushList> line)
        {
            for (var left = line.Count; left > 0; left--)
            {
                var list = line.Dequeue();
                if (wanted(list))
                {
                    list.Queued = false;
                    removed.Add(list);
                }
                else
                {
                    line.Enqueue(list);
                }
            }
        }
    }
}
