namespace PushFanout.Worker.Brakes;

/// <summary>
/// The books of one app: every rule of brake and probation in plain C#, with the time given. The Lua scripts are tested against
/// it, and behind a lock it serves a process that is alone.
/// </summary>
internal sealed class AppBooks(BrakeRules rules)
{
    private readonly Dictionary<long, (long Answers, long Unregistered, long Suspect)> _window = [];
    private readonly Dictionary<string, (long Good, DateTimeOffset Until)> _good = [];
    private readonly Dictionary<string, (int Outstanding, DateTimeOffset SeenAt)> _workers = [];
    private readonly Dictionary<string, long> _quarantined = [];
    private bool _open;
    private DateTimeOffset? _openedAt;
    private DateTimeOffset? _decidedAt;
    private DateTimeOffset? _releasedAt;
    private DateTimeOffset? _discardedAt;
    private DateTimeOffset? _restsUntil;
    private DateTimeOffset _removalsUntil;
    private (long Answers, long Unregistered, long Suspect) _atOpening;
    private int _refusals;
    private int _removals;

    public AppCondition Report(string approach, AppReport report, DateTimeOffset now)
    {
        var window = Count(report.Answers, now);
        var justOpened = !_open && Judge(window, now);
        if (justOpened)
        {
            _good.Remove(approach); // whoever goes on after this begins small again
        }
        Remember(report.SeenOpenAt);
        CountRefusals(report.Answers, now);
        var good = CountGood(approach, report.Answers.Accepted, now);
        var trusted = good >= BrakeRules.TrustedFrom && _refusals == 0;
        var granted = 0;
        if (!_open && !(_restsUntil > now))
        {
            granted = trusted ? report.Wanted : Math.Clamp(BrakeRules.Allowance(good, _refusals) - OutstandingOfOthers(report.Worker, now) - report.Outstanding, 0, report.Wanted);
        }
        _workers[report.Worker] = (report.Outstanding + granted, now);
        return new AppCondition(_open, justOpened, _openedAt, _restsUntil, trusted, granted, now);
    }

    public BrakeStatus Status() => new(
        _open, _openedAt, _atOpening.Unregistered, _atOpening.Suspect, _atOpening.Answers, _releasedAt, _discardedAt, _restsUntil, _quarantined.ToDictionary());

    public BrakeStatus Decide(BrakeDecision decision, DateTimeOffset? saidAt, DateTimeOffset now)
    {
        var at = saidAt < now ? saidAt.Value : now;
        if (_open ? _openedAt > at : decision == BrakeDecision.Resume && _restsUntil is null)
        {
            return Status(); // it opened after that was said, or there is nothing to resume
        }
        _open = false;
        _decidedAt = at;
        _window.Clear();
        (_restsUntil, _refusals) = (null, 0);
        if (decision != BrakeDecision.Resume)
        {
            _quarantined.Clear();
        }
        _releasedAt = decision == BrakeDecision.Release ? at : _releasedAt;
        _discardedAt = decision == BrakeDecision.Discard ? at : _discardedAt;
        return Status();
    }

    public bool TakeRemovals(int tokens, DateTimeOffset now)
    {
        if (now >= _removalsUntil)
        {
            (_removals, _removalsUntil) = (0, now.AddMinutes(1));
        }
        if (_removals > 0 && _removals + tokens > rules.MaxRemovalsPerMinute)
        {
            return false;
        }
        _removals += tokens;
        return true;
    }

    public void CountQuarantined(string reason, int tokens) => _quarantined[reason] = _quarantined.GetValueOrDefault(reason) + tokens;

    /// <summary>Adds to the window and says what is in it.</summary>
    private (long Answers, long Unregistered, long Suspect) Count(AnswerCounts heard, DateTimeOffset now)
    {
        var bucket = now.ToUnixTimeMilliseconds() / (long)rules.Bucket.TotalMilliseconds;
        var known = _window.GetValueOrDefault(bucket);
        if (heard.Answers > 0)
        {
            _window[bucket] = (known.Answers + heard.Answers, known.Unregistered + heard.Unregistered, known.Suspect + heard.Suspect);
        }
        foreach (var old in _window.Keys.Where(key => key <= bucket - BrakeRules.Buckets).ToList())
        {
            _window.Remove(old);
        }
        return (_window.Values.Sum(b => b.Answers), _window.Values.Sum(b => b.Unregistered), _window.Values.Sum(b => b.Suspect));
    }

    private bool Judge((long Answers, long Unregistered, long Suspect) window, DateTimeOffset now)
    {
        var carriesOn = _releasedAt + BrakeRules.CarryOn > now;
        var bad = window.Suspect + (carriesOn ? 0 : window.Unregistered);
        if (bad < rules.MinimumAnswers || bad <= rules.Share * window.Answers)
        {
            return false;
        }
        _open = true;
        _openedAt = now;
        _atOpening = window;
        return true;
    }

    /// <summary>A worker saw it open, and nobody has decided since: what Redis forgot in a crash stands.</summary>
    private void Remember(DateTimeOffset? seenOpenAt)
    {
        if (!_open && seenOpenAt is { } seen && !(_openedAt >= seen) && !(_decidedAt >= seen))
        {
            _open = true;
            _openedAt = seen;
        }
    }

    private void CountRefusals(AnswerCounts heard, DateTimeOffset now)
    {
        if (heard.Accepted > 0)
        {
            (_restsUntil, _refusals) = (null, 0);
        }
        else if (heard.CredentialRefused > 0 && !(_restsUntil > now))
        {
            var rest = BrakeRules.FirstRest * (1 << Math.Min(_refusals, 10));
            _refusals++;
            _restsUntil = now + (rest < BrakeRules.LongestRest ? rest : BrakeRules.LongestRest);
        }
    }

    private long CountGood(string approach, int accepted, DateTimeOffset now)
    {
        var (good, until) = _good.GetValueOrDefault(approach);
        good = now < until ? good : 0;
        if (accepted > 0)
        {
            _good[approach] = (good += accepted, now + BrakeRules.GoodFor);
        }
        return good;
    }

    private int OutstandingOfOthers(string worker, DateTimeOffset now)
    {
        foreach (var (name, _) in _workers.Where(other => now - other.Value.SeenAt >= BrakeRules.WorkerGoneAfter).ToList())
        {
            _workers.Remove(name);
        }
        return _workers.Where(other => other.Key != worker).Sum(other => other.Value.Outstanding);
    }
}
