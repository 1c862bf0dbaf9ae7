using PushFanout.Apns;
using PushFanout.TokenCache;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// One claimed batch while it is being sent: hears the answers, keeps what the ledger does not know yet, and says what is left
/// at the end. Answers come from many threads; everything else from the one that runs the batch or from the flusher.
/// </summary>
internal sealed class BatchRun : IPushAnswers, IDisposable
{
    private readonly Checkpoint _checkpoint;
    private readonly AppBrake? _brake;
    private readonly FanoutMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly (DateTimeOffset Now, long Timestamp) _claimed;
    private readonly string _lane;
    private readonly DateTimeOffset _wantedAt;
    private readonly ReadOnlyMemory<byte>[] _tokens;
    private readonly int[] _positions;
    private readonly CancellationTokenSource _stopStarting;
    private readonly Lock _gate = new();
    private readonly BatchOutcomes _outcomes;
    private readonly PushAnswer[] _last;
    private readonly List<int> _dead = [];
    private int _ambiguous;
    private int _ambiguousConfirmed;
    private TimeSpan _retryAfter;
    private bool _credentialRefused;

    /// <param name="known">Outcome bytes of the batch as the claim gave them: only what is zero is sent.</param>
    /// <param name="now">Time of the ledger at the claim.</param>
    /// <param name="stopping">Fires when the worker is to stop.</param>
    /// <param name="checkpoint">When the flusher is to be woken before its time.</param>
    /// <param name="brake">Hears every answer, and stops the run when it opens; null when nothing is sent.</param>
    public BatchRun(
        PushBatch batch, ReadOnlyMemory<byte> known, ulong owner, DateTimeOffset now, Checkpoint checkpoint, FanoutMetrics metrics, TimeProvider clock, CancellationToken stopping,
        AppBrake? brake = null)
    {
        _brake = brake;
        Batch = batch;
        Owner = owner;
        _checkpoint = checkpoint;
        _metrics = metrics;
        _clock = clock;
        Starts = new StartLease(clock);
        _claimed = (now, clock.GetTimestamp());
        _lane = batch.Lane.Word();
        Trail = Trail.Current;
        var publishedAt = Trail?.PublishedAt ?? batch.Template.RequestedAt;
        _wantedAt = batch.Template.NotBefore is { } start && start > publishedAt ? start : publishedAt;
        _stopStarting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _outcomes = new BatchOutcomes(batch, known.Span, now);
        (_tokens, _positions) = Pending(batch.Tokens, known.Span);
        _last = new PushAnswer[_tokens.Length];
        brake?.Attach(this);
    }

    public PushBatch Batch { get; }

    public ulong Owner { get; }

    /// <summary>Of the delivery that the batch came with.</summary>
    public Trail? Trail { get; }

    /// <summary>The tokens to send to, in batch order.</summary>
    public ReadOnlyMemory<ReadOnlyMemory<byte>> Tokens => _tokens;

    /// <summary>Fires when no further stream may start: the worker stops, the lease is lost, the send is paused or cancelled, the credential is refused.</summary>
    public CancellationToken StopStarting => _stopStarting.Token;

    /// <summary>Pushes start only as long as the ledger's last answer is fresh: a worker that was frozen asks again before it goes on.</summary>
    public StartLease Starts { get; }

    /// <summary>State of the notification as the last settle saw it.</summary>
    public NotificationState State { get; private set; }

    /// <summary>The last settle saw the whole notification settled.</summary>
    public bool Complete { get; private set; }

    /// <summary>The ledger did not know the notification: it has not taken the outcomes, and the batch must come back.</summary>
    public bool LedgerLost { get; private set; }

    /// <summary>Whether APNs refused the credential, so that the rest was not tried.</summary>
    public bool CredentialRefused { get { lock (_gate) { return _credentialRefused; } } }

    /// <summary>Why the app's brake let nothing more start; the last refusal of a run counts.</summary>
    public AdmissionRefusal HeldUpBy { get; set; }

    /// <summary>The longest wait that an answer asked for.</summary>
    public TimeSpan RetryAfter { get { lock (_gate) { return _retryAfter; } } }

    /// <summary>Outcomes that the ledger does not know yet.</summary>
    public int Unconfirmed => _outcomes.Unconfirmed;

    public void OnAnswer(int index, in PushAnswer answer)
    {
        _metrics.PushAnswered(_lane, answer.Answer, answer.Reason, answer.Elapsed);
        _brake?.Answered(answer.Answer);
        var outcome = AnswerOutcomes.Settle(answer);
        var refused = false;
        var due = false;
        lock (_gate)
        {
            _last[index] = answer;
            if (outcome is { Outcome: Outcome.Unregistered })
            {
                _dead.Add(index);
            }
            else if (outcome is { } settled)
            {
                due = _outcomes.Set(_positions[index], settled, Now) == _checkpoint.Every;
            }
            else
            {
                refused = answer.Answer == Answer.CredentialRefused && !_credentialRefused;
                _credentialRefused |= refused;
                _ambiguous += answer.Answer == Answer.Ambiguous ? 1 : 0;
                _retryAfter = answer.RetryAfter > _retryAfter ? answer.RetryAfter.Value : _retryAfter;
            }
        }
        if (answer.Status != 0)
        {
            _metrics.PushAge(_lane, _clock.GetUtcNow() - _wantedAt);
        }
        if (refused)
        {
            Stop();
        }
        if (due)
        {
            _checkpoint.Wake();
        }
    }

    /// <summary>Tokens that APNs called dead and that have not been reported yet.</summary>
    public IReadOnlyList<DeadToken> DeadTokens()
    {
        lock (_gate)
        {
            return [.. _dead.Select(index => new DeadToken(_tokens[index], _last[index].Since ?? SentAt(_last[index]), _last[index].ReasonText ?? "Unregistered"))];
        }
    }

    /// <summary>The report of <see cref="DeadTokens"/> is confirmed: only now may these tokens settle, for nobody would ask for them again.</summary>
    public void DeadTokensReported(int count)
    {
        lock (_gate)
        {
            foreach (var index in _dead.Take(count))
            {
                _outcomes.Set(_positions[index], AnswerOutcomes.Settle(_last[index])!.Value, Now);
            }
            _dead.RemoveRange(0, count);
        }
    }

    /// <summary>Gives every pending token this outcome without sending. A held one has had its answer: it is rejected.</summary>
    public void SettleAll(OutcomeByte outcome)
    {
        SettleWhere(_ => true, _ => outcome);
        RejectHeld();
    }

    /// <inheritdoc cref="BatchOutcomes.Held"/>
    public HeldTime? Held { get { lock (_gate) { return _outcomes.Held; } } }

    /// <inheritdoc cref="BatchOutcomes.HeldTokens"/>
    public IReadOnlyList<DeadToken> HeldTokens()
    {
        lock (_gate)
        {
            return _outcomes.HeldTokens();
        }
    }

    /// <inheritdoc cref="BatchOutcomes.RejectHeld"/>
    public void RejectHeld()
    {
        lock (_gate)
        {
            _outcomes.RejectHeld();
        }
    }

    /// <summary>Gives up on what has used its last attempt.</summary>
    public void GiveUpOnUsedAttempts() => SettleWhere(
        index => AnswerOutcomes.CountsAsAttempt(_last[index].Answer),
        index => new OutcomeByte(Outcome.Undeliverable, AnswerOutcomes.WhyNot(_last[index])));

    /// <summary>Pending tokens, and whether any of them used this attempt.</summary>
    public (int Count, bool AttemptUsed) Left()
    {
        lock (_gate)
        {
            var left = 0;
            var used = false;
            for (var index = 0; index < _positions.Length; index++)
            {
                if (_outcomes.IsPending(_positions[index]))
                {
                    left++;
                    used |= AnswerOutcomes.CountsAsAttempt(_last[index].Answer);
                }
            }
            return (left, used);
        }
    }

    /// <summary>What the ledger does not know: the shortest stretch of the batch that holds every new outcome, or nothing but the lease to renew.</summary>
    public SettleSegment Segment(TimeSpan lease)
    {
        lock (_gate)
        {
            var (first, outcomes) = _outcomes.New();
            return new SettleSegment(Batch.Key, Batch.Offset + first, outcomes, Owner, lease, _ambiguous - _ambiguousConfirmed);
        }
    }

    /// <summary>The ledger has merged a segment of this run.</summary>
    /// <param name="stillOwner">Whether the batch is still ours; otherwise nothing new may start.</param>
    public void OnSettled(in SettleSegment segment, LedgerProgress progress, bool stillOwner)
    {
        var first = segment.Offset - Batch.Offset;
        var given = segment.Outcomes.Span;
        lock (_gate)
        {
            for (var i = 0; i < given.Length; i++)
            {
                var outcome = new OutcomeByte(given[i]);
                if (_outcomes.Confirm(first + i, given[i]) && outcome.Outcome != Outcome.Held) // which is no outcome yet
                {
                    _metrics.OutcomesSettled(Batch.Template.App, outcome.Outcome, outcome.Reason, 1);
                }
            }
            if (segment.Ambiguous > 0)
            {
                _ambiguousConfirmed += segment.Ambiguous;
                _metrics.Ambiguous(_lane, segment.Ambiguous);
            }
            State = progress.State;
            Complete |= progress.Complete;
        }
        if (!stillOwner || progress.State != NotificationState.Running)
        {
            Stop();
        }
    }

    /// <summary>The ledger has no record to settle in.</summary>
    public void OnLedgerLost()
    {
        lock (_gate)
        {
            LedgerLost = true;
        }
        Stop();
    }

    /// <summary>No further stream starts; what is under way still gets its answer.</summary>
    public void Stop()
    {
        try
        {
            _stopStarting.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The batch ended in the meantime: nothing is left to stop.
        }
    }

    public void Dispose()
    {
        _brake?.Detach(this);
        _stopStarting.Dispose();
    }

    /// <summary>Which batch; never a token.</summary>
    public override string ToString() => Batch.ToString();

    /// <summary>Time of the ledger.</summary>
    private DateTimeOffset Now => _claimed.Now + _clock.GetElapsedTime(_claimed.Timestamp);

    private DateTimeOffset SentAt(in PushAnswer answer) => _clock.GetUtcNow() - answer.Elapsed;

    private void SettleWhere(Func<int, bool> which, Func<int, OutcomeByte> outcome)
    {
        lock (_gate)
        {
            for (var index = 0; index < _positions.Length; index++)
            {
                if (_outcomes.IsPending(_positions[index]) && which(index))
                {
                    _outcomes.Set(_positions[index], outcome(index), Now);
                }
            }
        }
    }

    private static (ReadOnlyMemory<byte>[] Tokens, int[] Positions) Pending(PackedTokens all, ReadOnlySpan<byte> known)
    {
        var count = 0;
        for (var i = 0; i < all.Count; i++)
        {
            count += known[i] == 0 ? 1 : 0;
        }
        var tokens = new ReadOnlyMemory<byte>[count];
        var positions = new int[count];
        var position = 0;
        var next = 0;
        foreach (var token in all)
        {
            if (known[position] == 0)
            {
                tokens[next] = token;
                positions[next++] = position;
            }
            position++;
        }
        return (tokens, positions);
    }
}
