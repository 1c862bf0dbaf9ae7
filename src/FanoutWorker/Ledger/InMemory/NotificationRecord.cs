namespace PushFanout.Worker.Ledger;

/// <summary>
/// The books of one notification: every rule of the ledger in plain C#, with the time given. It is what the Lua scripts are
/// tested against, and behind a lock it is the in-memory ledger.
/// </summary>
internal sealed class NotificationRecord
{
    private readonly LedgerLimits _limits;
    private readonly ControlState _control;
    private readonly RangeWindow _window;
    private readonly OutcomeCounts _counts = new();
    private readonly BatchClaims _claims;
    private readonly Dictionary<int, RangeRecord> _ranges = [];
    private NewNotification _request;
    private int _expanded;
    private int _passed;
    private int? _ticked;
    private long _ambiguous;
    private long _late;
    private bool _exact;
    private DateTimeOffset? _firstPushAt;
    private DateTimeOffset? _completedAt;
    private DateTimeOffset? _receiptsUntil;

    public NotificationRecord(NewNotification notification, ControlState control, LedgerLimits limits, DateTimeOffset now)
    {
        _request = notification with
        {
            RequestedAt = notification.RequestedAt.WholeMicroseconds(),
            ShortWay = notification.ShortWay?.Copied(),
        };
        _exact = notification.Losses == 0;
        _control = control;
        _limits = limits;
        _claims = new BatchClaims(limits);
        _window = new RangeWindow(notification.RangeEnds.Count, notification.Window, now);
        if (notification.ShortWay is { } tokens)
        {
            _window.Arrived(0);
            Store(0, tokens, notification.FirstGeneration).Expanded = true;
            _expanded = 1;
        }
    }

    /// <summary>Set by <see cref="Close"/>: until then the id is taken.</summary>
    public DateTimeOffset? DedupeUntil { get; private set; }

    /// <summary>Set by <see cref="Close"/>: then nothing is known any more.</summary>
    public DateTimeOffset? GoneAt { get; private set; }

    public DateTimeOffset RequestedAt => _request.RequestedAt;

    private bool Closed => DedupeUntil is not null;

    /// <summary>The totals are published or about to be: nothing may move them.</summary>
    private bool Frozen => _completedAt is not null;

    private NotificationState State => Closed ? NotificationState.Done : _control.State;

    private bool Complete => !Closed && _expanded == _request.RangeEnds.Count && _counts.Settled == _counts.Size;

    public CreateResult Created(DateTimeOffset now) =>
        new(_control.OnlyCounts ? CreateVerdict.Cancelled : CreateVerdict.New, State, Stored(now), _request.ShortWay, now);

    /// <summary>Whether the digest is that of its content.</summary>
    public bool Is(ReadOnlyMemory<byte> digest) => digest.Span.SequenceEqual(_request.Digest.Span);

    public CreateResult CreateAgain(NewNotification notification, DateTimeOffset now)
    {
        if (!Is(notification.Digest))
        {
            return new(CreateVerdict.Conflict, State, null, null, now);
        }
        return Closed
            ? new(CreateVerdict.Done, State, null, null, now)
            : new(CreateVerdict.Same, State, Stored(now), _request.ShortWay, now);
    }

    public SnapResult Snap(int range, RangeContent content, DateTimeOffset now)
    {
        if (Closed)
        {
            return new(SnapVerdict.Done, State, 0, default, now);
        }
        _window.Arrived(range);
        if (!_ranges.TryGetValue(range, out var known))
        {
            var first = Store(range, content, _request.FirstGeneration);
            return new(SnapVerdict.Stored, State, first.Generation, content, now);
        }
        if (known.Expanded)
        {
            return new(SnapVerdict.Done, State, known.Generation, default, now);
        }
        if (known.Snapshot is { } snapshot)
        {
            return new(SnapVerdict.UseStored, State, known.Generation, snapshot, now);
        }
        _counts.TakeBack(known.Outcomes);
        _exact = false;
        var renewed = Store(range, content, known.Generation + 1);
        renewed.Passed = known.Passed;
        return new(SnapVerdict.Stored, State, renewed.Generation, content, now);
    }

    public LedgerProgress Expanded(int range, int generation, ulong digest64, DateTimeOffset now)
    {
        if (!Closed && Find(range, generation, digest64) is { Expanded: false } known)
        {
            known.Expanded = true;
            known.DropSnapshot();
            _expanded++;
            MarkPassed(known);
        }
        return Progress(now);
    }

    public ClaimResult Claim(ClaimRequest claim, DateTimeOffset now)
    {
        var verdict = Judge(claim, now);
        if (verdict is not (ClaimVerdict.Go or ClaimVerdict.Cancelled or ClaimVerdict.Poison))
        {
            return new(verdict, Progress(now), default, default);
        }
        var leaseUntil = _claims.Take(claim, isIdle: verdict is not ClaimVerdict.Cancelled, now);
        if (verdict is ClaimVerdict.Go && claim.Unhold)
        {
            _ranges[claim.Batch.Range].Unhold(claim.Offset, claim.Count, _counts);
        }
        var outcomes = _ranges[claim.Batch.Range].Outcomes.Slice(claim.Offset, claim.Count).ToArray();
        return new(verdict, Progress(now), outcomes, leaseUntil);
    }

    public SettleResult Settle(IReadOnlyList<SettleSegment> segments, DateTimeOffset now)
    {
        var stillOwner = new bool[segments.Count];
        if (Frozen)
        {
            _late += segments.Sum(segment => CountLate(segment, now));
            return new(Progress(now), stillOwner);
        }
        for (var i = 0; i < segments.Count; i++)
        {
            stillOwner[i] = Settle(segments[i], now);
        }
        // Not before the last segment: two of them may belong to one batch.
        foreach (var segment in segments)
        {
            if (Find(segment.Batch) is { } range)
            {
                _claims.DropIfSettled(segment.Batch, range);
            }
        }
        return new(Progress(now), stillOwner);
    }

    public void Advance(BatchKey batch, int nextAttempt)
    {
        if (Find(batch) is not null)
        {
            _claims.Advance(batch, nextAttempt);
        }
    }

    public void HandBack(BatchKey batch, ulong owner)
    {
        if (Find(batch) is not null)
        {
            _claims.HandBack(batch, owner);
        }
    }

    public NotificationTotals? Finish(DateTimeOffset now)
    {
        if (!Frozen && !Complete)
        {
            return null;
        }
        _completedAt ??= now;
        // What comes late must not make a repeated answer differ.
        return Totals() with { Late = 0 };
    }

    /// <summary>False when it was not finished before, or is closed already; then nothing changed.</summary>
    public bool Close(TimeSpan dedupeWindow, TimeSpan receiptRetention, DateTimeOffset now)
    {
        if (!Frozen || Closed)
        {
            return false;
        }
        DedupeUntil = now + dedupeWindow.WholeMilliseconds();
        _receiptsUntil = now + receiptRetention.WholeMilliseconds();
        GoneAt = DedupeUntil > _receiptsUntil ? DedupeUntil : _receiptsUntil;
        _request = _request with { Request = default, ShortWay = null };
        _claims.Clear();
        return true;
    }

    public ControlResult Control(ControlAction action, DateTimeOffset at)
    {
        var applied = !Frozen && _control.Apply(action, at);
        return new(State, Known: true, applied, Complete);
    }

    private LedgerProgress Progress(DateTimeOffset now)
    {
        var release = -1;
        if (!Closed && !Complete && !_control.Waits)
        {
            // Once it only counts, nothing is published that must be settled first: counted is enough.
            release = _window.Offer(_control.OnlyCounts ? _expanded : _passed, now, _limits.OfferAgainAfter);
        }
        return new(State, Complete, release, now);
    }

    public void Tick(int number) => _ticked = Math.Max(_ticked ?? number, number);

    public StoredNotification? Read(DateTimeOffset now) => Closed ? null : Stored(now);

    public bool IsShortWay => _request.ShortWay is not null;

    public NotificationStatus Status() =>
        new(Totals(), State, _control.At ?? _request.RequestedAt, _request.RangeEnds.Count, _expanded);

    public RangeReceipts? FindReceipts(int range, uint receipt, DateTimeOffset now) =>
        now >= _receiptsUntil || !_ranges.TryGetValue(range, out var known)
            ? null
            : new RangeReceipts(known.Size,
            [
                .. known.PositionsOf(receipt).Select(position => new TokenReceipt(
                    position, new OutcomeByte(known.Outcomes[position]), _claims.FindStanding(range, known.Generation, position, now))),
            ]);

    /// <summary>As after a crash of Redis that took one key along; for tests.</summary>
    public void LoseSnapshot(int range) => _ranges.GetValueOrDefault(range)?.DropSnapshot();

    private ClaimVerdict Judge(ClaimRequest claim, DateTimeOffset now)
    {
        if (Closed)
        {
            return ClaimVerdict.Done;
        }
        if (!_ranges.TryGetValue(claim.Batch.Range, out var range) || claim.Batch.Generation > range.Generation)
        {
            return ClaimVerdict.Lost;
        }
        if (claim.Batch.Generation < range.Generation || claim.Batch.Digest64 != range.Digest64
            || !range.Holds(claim.Offset, claim.Count) || _claims.IsStale(claim))
        {
            return ClaimVerdict.Stale;
        }
        if (!range.HasOpen(claim.Offset, claim.Count))
        {
            return ClaimVerdict.Settled;
        }
        if (_control.Waits)
        {
            return ClaimVerdict.Paused;
        }
        if (_claims.IsBusy(claim, now))
        {
            return ClaimVerdict.Busy;
        }
        if (_control.OnlyCounts)
        {
            return ClaimVerdict.Cancelled;
        }
        return _claims.IsPoison(claim, now) ? ClaimVerdict.Poison : ClaimVerdict.Go;
    }

    private bool Settle(SettleSegment segment, DateTimeOffset now)
    {
        if (Find(segment.Batch) is not { } range || !range.Holds(segment.Offset, segment.Outcomes.Length))
        {
            return false;
        }
        var changed = range.Merge(segment.Offset, segment.Outcomes.Span, _counts);
        MarkPassed(range);
        _ambiguous += segment.Ambiguous;
        if (segment.Outcomes.Span.ContainsAnyInRange(new OutcomeByte(Outcome.Undeliverable, 0).Value, byte.MaxValue))
        {
            _firstPushAt ??= now;
        }
        return _claims.Renew(segment, changed > 0, now);
    }

    /// <summary>Told from a mere repetition by the receipts, so only as long as they are kept.</summary>
    private long CountLate(SettleSegment segment, DateTimeOffset now) =>
        !(now >= _receiptsUntil) && _ranges.TryGetValue(segment.Batch.Range, out var range) && range.Holds(segment.Offset, segment.Outcomes.Length)
            ? range.CountNews(segment.Offset, segment.Outcomes.Span)
            : 0;

    private RangeRecord? Find(BatchKey batch) => Find(batch.Range, batch.Generation, batch.Digest64);

    private RangeRecord? Find(int range, int generation, ulong digest64) =>
        _ranges.TryGetValue(range, out var known) && known.Generation == generation && known.Digest64 == digest64 ? known : null;

    private RangeRecord Store(int range, RangeContent content, int generation)
    {
        _counts.Grow(content.Tokens.Count);
        return _ranges[range] = new RangeRecord(content, generation);
    }

    private void MarkPassed(RangeRecord range)
    {
        if (!range.Passed && range.HalfSettled)
        {
            range.Passed = true;
            _passed++;
        }
    }

    private StoredNotification Stored(DateTimeOffset now) =>
        new(_request.Id, _request.App, _request.Request, _request.RangeEnds, _window.Released,
            [.. Enumerable.Range(0, _window.Released).Where(range => _ranges.GetValueOrDefault(range) is not { Expanded: true })],
            State, Complete, _counts.Settled, _request.RequestedAt, _request.ShortWay is not null, now, _ticked);

    private NotificationTotals Totals() =>
        new(_request.Id, _request.App, Closed || Frozen ? Ended : State, _counts.Size, _counts.ByOutcome, _counts.ByValue,
            _ambiguous, _late, _exact, _request.Malformed, _request.UsersWithoutDevices,
            _request.RequestedAt, _firstPushAt, _completedAt, _request.Request);

    private NotificationState Ended => _control.OnlyCounts ? _control.State : NotificationState.Done;
}
