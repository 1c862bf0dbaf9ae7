namespace PushFanout.Worker.Ledger;

/// <summary>What one range holds: an outcome and a receipt hash per token, and the tokens themselves until they are published.</summary>
internal sealed class RangeRecord
{
    private readonly byte[] _outcomes;
    private readonly uint[] _receipts;

    public RangeRecord(RangeContent content, int generation)
    {
        Generation = generation;
        Digest64 = content.Digest64;
        _outcomes = new byte[content.Tokens.Count];
        _receipts = ReceiptHashes.Of(content.Tokens);
        Snapshot = content.Copied();
    }

    public int Generation { get; }

    public ulong Digest64 { get; }

    public int Size => _outcomes.Length;

    /// <summary>Tokens whose outcome is final.</summary>
    public int Settled { get; private set; }

    /// <summary>Every batch of it is confirmed by the broker.</summary>
    public bool Expanded { get; set; }

    /// <summary>It was seen half settled, and made room for the next range.</summary>
    public bool Passed { get; set; }

    public ReadOnlySpan<byte> Outcomes => _outcomes;

    /// <summary>The content while it is kept; null once published, or lost.</summary>
    public RangeContent? Snapshot { get; private set; }

    /// <summary>An empty range passes when it is expanded, any other when half of its tokens are settled.</summary>
    public bool HalfSettled => Settled * 2L >= Size && (Size > 0 || Expanded);

    public void DropSnapshot() => Snapshot = null;

    public bool Holds(int offset, int count) => offset >= 0 && count >= 0 && (long)offset + count <= Size;

    /// <summary>Whether a token of the stretch is pending or held.</summary>
    public bool HasOpen(int offset, int count) => _outcomes.AsSpan(offset, count).ContainsAnyInRange(byte.MinValue, (byte)(OutcomeByte.FirstFinal - 1));

    /// <summary>Makes the held tokens of a stretch pending again.</summary>
    public void Unhold(int offset, int count, OutcomeCounts counts)
    {
        foreach (ref var value in _outcomes.AsSpan(offset, count))
        {
            var known = new OutcomeByte(value);
            if (known.Outcome == Outcome.Held)
            {
                counts.Move(known, default);
                value = 0;
            }
        }
    }

    /// <summary>Merges outcomes token by token and moves the counts along; how many tokens have a new outcome.</summary>
    public int Merge(int offset, ReadOnlySpan<byte> given, OutcomeCounts counts)
    {
        var changed = 0;
        for (var i = 0; i < given.Length; i++)
        {
            var known = new OutcomeByte(_outcomes[offset + i]);
            var merged = OutcomeByte.Merge(known, new OutcomeByte(given[i]));
            if (merged == known)
            {
                continue;
            }
            _outcomes[offset + i] = merged.Value;
            counts.Move(known, merged);
            changed++;
            Settled += known.Outcome <= Outcome.Held && merged.Outcome > Outcome.Held ? 1 : 0;
        }
        return changed;
    }

    /// <summary>How many tokens <see cref="Merge"/> would change.</summary>
    public int CountNews(int offset, ReadOnlySpan<byte> given)
    {
        var news = 0;
        for (var i = 0; i < given.Length; i++)
        {
            var known = new OutcomeByte(_outcomes[offset + i]);
            news += OutcomeByte.Merge(known, new OutcomeByte(given[i])) == known ? 0 : 1;
        }
        return news;
    }

    public IEnumerable<int> PositionsOf(uint receipt) => Enumerable.Range(0, _receipts.Length).Where(i => _receipts[i] == receipt);
}
