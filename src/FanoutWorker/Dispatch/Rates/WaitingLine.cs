namespace PushFanout.Worker.Dispatch;

/// <summary>Who waits for permits, in turns: each notification is served once before one is served again, however many batches it has.</summary>
internal sealed class WaitingLine
{
    private readonly LinkedList<Turn> _turns = new();

    public bool IsEmpty => _turns.Count == 0;

    /// <summary>Permits that all together wait for.</summary>
    public int Wanted => _turns.Sum(turn => turn.Waiting.Sum(batch => batch.Wanted));

    public void Add(Guid notification, WaitingBatch batch)
    {
        if (Find(notification) is not { } turn)
        {
            turn = new Turn(notification);
            _turns.AddLast(turn);
        }
        turn.Waiting.Add(batch);
    }

    /// <summary>How many are served before a newcomer of this notification has had its turn, itself included.</summary>
    public int TurnsUntilServed(Guid notification)
    {
        var turn = Find(notification);
        return ((turn?.Waiting.Count ?? 0) + 1) * (_turns.Count + (turn is null ? 1 : 0));
    }

    /// <summary>Takes out whoever's turn it is; null when nobody waits.</summary>
    public WaitingBatch? Next()
    {
        if (_turns.First is not { } first)
        {
            return null;
        }
        var batch = first.Value.Waiting[0];
        first.Value.Waiting.RemoveAt(0);
        _turns.RemoveFirst();
        if (first.Value.Waiting.Count > 0)
        {
            _turns.AddLast(first);
        }
        return batch;
    }

    /// <summary>Lets go whoever has waited long enough or does not wait any more.</summary>
    public void Dismiss(TimeSpan now)
    {
        for (var node = _turns.First; node is not null;)
        {
            var next = node.Next;
            node.Value.Waiting.RemoveAll(batch => batch.Leaves(now));
            if (node.Value.Waiting.Count == 0)
            {
                _turns.Remove(node);
            }
            node = next;
        }
    }

    private Turn? Find(Guid notification) => _turns.FirstOrDefault(turn => turn.Notification == notification);

    private sealed record Turn(Guid Notification)
    {
        public List<WaitingBatch> Waiting { get; } = [];
    }
}
