using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// The outcome byte of every token of a claimed batch, beside what the ledger has confirmed of it, and the tokens among them that are held.
/// Belongs to the gate of its <see cref="BatchRun"/>.
/// </summary>
internal sealed class BatchOutcomes
{
    private readonly PushBatch _batch;
    private readonly byte[] _heard;
    private readonly byte[] _confirmed;
    private int _unconfirmed;
    private HeldTime? _held;

    /// <param name="known">As the claim gave them: what is held there stays so, what is settled there is somebody else's.</param>
    /// <param name="now">Time of the ledger.</param>
    public BatchOutcomes(PushBatch batch, ReadOnlySpan<byte> known, DateTimeOffset now)
    {
        _batch = batch;
        _heard = new byte[batch.Tokens.Count];
        _confirmed = new byte[batch.Tokens.Count];
        for (var position = 0; position < known.Length; position++)
        {
            if (IsHeld(known[position]))
            {
                _heard[position] = _confirmed[position] = known[position];
            }
        }
        // A copy of the message from before the tokens were held does not know since when: then it counts from now.
        _held = batch.Held ?? (_heard.Any(IsHeld) ? new HeldTime(now, now) : null);
    }

    /// <summary>How many the ledger does not know yet; may be read from anywhere.</summary>
    public int Unconfirmed => Volatile.Read(ref _unconfirmed);

    /// <summary>Since when tokens of the batch are held; null when none is.</summary>
    public HeldTime? Held => _heard.Any(IsHeld) ? _held : null;

    public bool IsPending(int position) => _heard[position] == 0;

    /// <param name="now">Time of the ledger.</param>
    /// <returns>Outcomes that the ledger does not know yet.</returns>
    public int Set(int position, OutcomeByte outcome, DateTimeOffset now)
    {
        _heard[position] = outcome.Value;
        if (outcome.Outcome == Outcome.Held)
        {
            _held = new HeldTime(_held?.First ?? now, now);
        }
        return ++_unconfirmed;
    }

    /// <summary>The held tokens, as they go into quarantine.</summary>
    public IReadOnlyList<DeadToken> HeldTokens()
    {
        var held = new List<DeadToken>();
        var position = 0;
        foreach (var token in _batch.Tokens)
        {
            if (IsHeld(_heard[position]))
            {
                // The first moment of all: who registered since then is not meant.
                held.Add(new DeadToken(token, _held!.First, AnswerOutcomes.WordOf(new OutcomeByte(_heard[position]).Reason)));
            }
            position++;
        }
        return held;
    }

    /// <summary>What was held is rejected after all.</summary>
    public void RejectHeld()
    {
        for (var position = 0; position < _heard.Length; position++)
        {
            if (IsHeld(_heard[position]))
            {
                _unconfirmed += _heard[position] == _confirmed[position] ? 1 : 0;
                _heard[position] = new OutcomeByte(Outcome.Rejected, new OutcomeByte(_heard[position]).Reason).Value;
            }
        }
    }

    /// <summary>The shortest stretch of the batch that holds every outcome that the ledger does not know; empty when there is none.</summary>
    public (int First, byte[] Outcomes) New()
    {
        var first = _heard.AsSpan().CommonPrefixLength(_confirmed);
        var end = _heard.Length;
        while (end > first && _heard[end - 1] == _confirmed[end - 1])
        {
            end--;
        }
        return first < end ? (first, _heard[first..end]) : (end, []);
    }

    /// <returns>Whether the ledger did not know this one before.</returns>
    public bool Confirm(int position, byte outcome)
    {
        if (_confirmed[position] == outcome)
        {
            return false;
        }
        _confirmed[position] = outcome;
        _unconfirmed--;
        return true;
    }

    private static bool IsHeld(byte value) => new OutcomeByte(value).Outcome == Outcome.Held;
}
