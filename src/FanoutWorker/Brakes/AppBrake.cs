using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using PushFanout.Apns;
using PushFanout.TokenCache;
using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Brakes;

/// <summary>
/// One app as this worker sees it: counts the answers, asks the shared books for pushes while the app is on probation, and stops
/// every batch of it when the brake opens. An app that has earned its trust costs no call per push.
/// </summary>
internal sealed partial class AppBrake(ServedApp app, IBrakeBooks books, string worker, FanoutMetrics metrics, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>Longer than this no slot waits for probation; what is left goes to a wait queue.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>So old an answer of the books may be; without traffic nobody reports, and the next push asks.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>While Redis is away an app that was trusted stays so for as long as a lease lasts: nothing is claimed then anyway.</summary>
    private static readonly TimeSpan FreshWhileAway = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private readonly ConcurrentDictionary<BatchRun, bool> _running = new();
    private volatile Known? _known;
    private volatile bool _away;
    private int _accepted;
    private int _unregistered;
    private int _suspect;
    private int _rejected;
    private int _refused;
    private int _outstanding;

    public string App => app.Name;

    /// <summary>How the books stood when they last answered; null before the first time.</summary>
    public AppCondition? Condition => _known?.Condition;

    /// <summary>Whether a batch of it runs, or the books have not heard of every answer.</summary>
    public bool IsActive => !_running.IsEmpty || _accepted + _unregistered + _suspect + _rejected + _refused > 0;

    /// <summary>Whether the books answered within this time.</summary>
    public bool HeardWithin(TimeSpan age) => _known is { } known && clock.GetElapsedTime(known.At) < age;

    /// <summary>Counts an answer to a push that was admitted; any thread, allocates nothing.</summary>
    public void Answered(Answer answer)
    {
        Interlocked.Decrement(ref _outstanding);
        switch (answer)
        {
            case Answer.Accepted:
                Interlocked.Increment(ref _accepted);
                break;
            case Answer.Unregistered:
                Interlocked.Increment(ref _unregistered);
                break;
            case Answer.Suspect:
                Interlocked.Increment(ref _suspect);
                break;
            case Answer.Rejected:
                Interlocked.Increment(ref _rejected);
                break;
            case Answer.CredentialRefused:
                Interlocked.Increment(ref _refused);
                break;
        }
    }

    /// <summary>Pushes that were admitted and will not be sent.</summary>
    public void GiveBack(int pushes) => Interlocked.Add(ref _outstanding, -pushes);

    /// <summary>Stops it when the brake opens; at once when it is open.</summary>
    public void Attach(BatchRun batch)
    {
        _running[batch] = true;
        if (Condition is { Open: true })
        {
            batch.Stop();
        }
    }

    public void Detach(BatchRun batch) => _running.TryRemove(batch, out _);

    /// <summary>Waits until some of the pushes may start.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited.</exception>
    public async ValueTask<Admission> AdmitAsync(int wanted, CancellationToken cancellationToken)
    {
        if (_known is { } known && IsGood(known))
        {
            Interlocked.Add(ref _outstanding, wanted);
            return new Admission(wanted, AdmissionRefusal.None);
        }
        if (!await _asking.WaitAsync(Patience, cancellationToken))
        {
            return new Admission(0, AdmissionRefusal.Probation);
        }
        try
        {
            return await AskAsync(wanted, cancellationToken);
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Tells the books what was heard, and hears how the app stands; unless somebody is just asking, who does so too.</summary>
    public async Task ReportAsync(CancellationToken cancellationToken)
    {
        if (!await _asking.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return;
        }
        try
        {
            await TellAsync(0, cancellationToken);
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();

    private bool IsGood(Known known) =>
        known.Condition is { Open: false, Trusted: true } && HeardWithin(_away ? FreshWhileAway : Fresh);

    private async Task<Admission> AskAsync(int wanted, CancellationToken cancellationToken)
    {
        for (var started = clock.GetTimestamp(); ;)
        {
            if (await TellAsync(wanted, cancellationToken) is not { } condition)
            {
                return new Admission(0, AdmissionRefusal.Unknown);
            }
            var refusal = condition switch
            {
                { Open: true } => AdmissionRefusal.Braked,
                { Rests: true } => AdmissionRefusal.CredentialRests,
                { Granted: 0 } => AdmissionRefusal.Probation,
                _ => AdmissionRefusal.None,
            };
            if (refusal != AdmissionRefusal.Probation || clock.GetElapsedTime(started) > Patience)
            {
                return new Admission(condition.Granted, refusal);
            }
            await Task.Delay(BetweenQuestions, clock, cancellationToken);
        }
    }

    /// <summary>One question at a time: two answers that crossed would grant the same pushes twice.</summary>
    private async Task<AppCondition?> TellAsync(int wanted, CancellationToken cancellationToken)
    {
        var heard = new AnswerCounts(Take(ref _accepted), Take(ref _unregistered), Take(ref _suspect), Take(ref _rejected), Take(ref _refused));
        var started = clock.GetTimestamp();
        AppCondition condition;
        try
        {
            condition = await books.ReportAsync(
                app.Name, app.Approach, new AppReport(worker, heard, Volatile.Read(ref _outstanding), wanted, Condition is { Open: true } seen ? seen.OpenedAt : null),
                cancellationToken);
        }
        catch (Exception failure) when (failure is TokenCacheUnavailableException or OperationCanceledException)
        {
            // Nobody knows whether the books have them: rather twice than never.
            PutBack(heard);
            _away = failure is TokenCacheUnavailableException;
            if (!_away)
            {
                throw;
            }
            return null;
        }
        _away = false;
        Interlocked.Add(ref _outstanding, condition.Granted);
        Follow(condition, started);
        return condition;
    }

    private void Follow(AppCondition condition, long at)
    {
        var before = Condition;
        _known = new Known(condition, at);
        if (condition.Open)
        {
            foreach (var batch in _running.Keys)
            {
                batch.Stop();
            }
        }
        if (condition.JustOpened)
        {
            metrics.BrakeOpened(app.Name);
            Opened(logger, app.Name, app.Options.Environment, app.Options.Topic, app.Options.Credential);
        }
        else if (before is { Open: true } && !condition.Open)
        {
            Closed(logger, app.Name);
        }
        if (condition.Rests && condition.RestsUntil != before?.RestsUntil)
        {
            Refused(logger, app.Name, app.Options.Credential, app.Options.Environment, condition.RestsUntil);
        }
    }

    private void PutBack(AnswerCounts heard)
    {
        Interlocked.Add(ref _accepted, heard.Accepted);
        Interlocked.Add(ref _unregistered, heard.Unregistered);
        Interlocked.Add(ref _suspect, heard.Suspect);
        Interlocked.Add(ref _rejected, heard.Rejected);
        Interlocked.Add(ref _refused, heard.CredentialRefused);
    }

    private static int Take(ref int count) => Interlocked.Exchange(ref count, 0);

    /// <param name="At">Timestamp from before the question.</param>
    private sealed record Known(AppCondition Condition, long At);

    [LoggerMessage(4010, LogLevel.Error,
        "App {App}: the brake is open. Too many of its tokens look dead: is {Environment} the right environment for topic {Topic} and credential {Credential}? Its sends wait and nothing is removed until an operator resumes, releases or discards")]
    private static partial void Opened(ILogger logger, string app, ApnsEnvironment? environment, string topic, string credential);

    [LoggerMessage(4011, LogLevel.Information, "App {App}: the brake is closed, its sends go on")]
    private static partial void Closed(ILogger logger, string app);

    [LoggerMessage(4012, LogLevel.Error, "App {App}: APNs refuses credential {Credential} in {Environment}; its sends rest until {RestsUntil:O}, then a few pushes try again")]
    private static partial void Refused(ILogger logger, string app, string credential, ApnsEnvironment? environment, DateTimeOffset? restsUntil);
}
