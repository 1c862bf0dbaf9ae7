namespace PushFanout.Worker.Ledger;

/// <summary>How many tokens of a notification have which outcome; always adds up to <see cref="Size"/>.</summary>
internal sealed class OutcomeCounts
{
    private readonly long[] _byOutcome = new long[8];
    private readonly long[] _byValue = new long[256];

    /// <summary>Tokens in total, so far.</summary>
    public long Size { get; private set; }

    /// <summary>Tokens whose outcome is final: neither pending nor held.</summary>
    public long Settled => _byOutcome.Skip((int)Outcome.Cancelled).Sum();

    public IReadOnlyList<long> ByOutcome => [.. _byOutcome];

    public IReadOnlyDictionary<byte, long> ByValue =>
        Enumerable.Range(1, 255).Where(value => _byValue[value] > 0).ToDictionary(value => (byte)value, value => _byValue[value]);

    public void Grow(int tokens)
    {
        Size += tokens;
        _byOutcome[0] += tokens;
        _byValue[0] += tokens;
    }

    public void Move(OutcomeByte from, OutcomeByte to)
    {
        Add(from, -1);
        Add(to, 1);
    }

    /// <summary>A range's content is void: its tokens were never there.</summary>
    public void TakeBack(ReadOnlySpan<byte> outcomes)
    {
        Size -= outcomes.Length;
        foreach (var value in outcomes)
        {
            Add(new OutcomeByte(value), -1);
        }
    }

    private void Add(OutcomeByte value, long tokens)
    {
        _byOutcome[(int)value.Outcome] += tokens;
        _byValue[value.Value] += tokens;
    }
}
