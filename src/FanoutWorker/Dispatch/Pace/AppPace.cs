using PushFanout.Apns;

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// How fast this worker pushes to an app whose answers say that APNs is overloaded: half as fast for every window in which many do, and a
/// twentieth of the former rate faster for every one in which few do. So a storm of 503 is met with ever fewer pushes instead of retries, and
/// the rate is back about five seconds after its end. Each worker judges by its own answers, as each end of a network does; nothing is shared,
/// for there is nothing that a storm could break.
/// </summary>
internal sealed class AppPace(TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(250);

    /// <summary>The slowest; there is always somebody who finds out that the storm is over.</summary>
    public const double Slowest = 10;

    private const double OverloadedShare = 0.1;
    private const int WindowsToReturn = 20;

    /// <summary>At full speed a few answers are no storm.</summary>
    private const int LeastOverloaded = 5;

    private static readonly TimeSpan Handful = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromSeconds(30);

    private readonly long _origin = clock.GetTimestamp();
    private readonly Lock _gate = new();
    private TimeSpan _windowFrom;
    private int _answers;
    private int _overloaded;
    private double _former;
    private double? _perSecond;
    private TimeSpan _givenAwayUntil;
    private CancellationTokenSource _fullSpeed = new();

    /// <summary>Pushes per second; null when nothing holds it back.</summary>
    public double? PerSecond { get { lock (_gate) { return _perSecond; } } }

    /// <summary>Fires when the pace is slowed down: what was handed over at full speed and has not started is to come back.</summary>
    public CancellationToken FullSpeed { get { lock (_gate) { return _perSecond is null ? _fullSpeed.Token : CancellationToken.None; } } }

    private TimeSpan Now => clock.GetElapsedTime(_origin);

    /// <summary>Hears every answer of the app.</summary>
    public void Heard(in PushAnswer answer)
    {
        if (answer.Status == 0)
        {
            return; // nobody answered
        }
        CancellationTokenSource? over = null;
        lock (_gate)
        {
            var now = Now;
            if (now - _windowFrom >= Window)
            {
                var atFullSpeed = _perSecond is null;
                Judge(now - _windowFrom);
                (_windowFrom, _answers, _overloaded) = (now, 0, 0);
                if (atFullSpeed && _perSecond is not null)
                {
                    (over, _fullSpeed) = (_fullSpeed, new CancellationTokenSource());
                }
            }
            _answers++;
            _overloaded += IsOverload(answer) ? 1 : 0;
        }
        _ = over?.CancelAsync(); // elsewhere: whoever gives an answer must not be kept
    }

    /// <summary>Books the next pushes: how many, and how long to wait before they start.</summary>
    /// <returns>False when the wait would be longer than <paramref name="patience"/>.</returns>
    public bool TryBook(int wanted, TimeSpan patience, out int permits, out TimeSpan wait)
    {
        lock (_gate)
        {
            (permits, wait) = (wanted, TimeSpan.Zero);
            var now = Now;
            if (_perSecond is null || now - _windowFrom > ForgottenAfter)
            {
                _perSecond = null;
                return true;
            }
            var from = _givenAwayUntil > now ? _givenAwayUntil : now;
            wait = from - now;
            if (wait > patience)
            {
                return false;
            }
            permits = Math.Clamp((int)(_perSecond.Value * Handful.TotalSeconds), 1, wanted);
            _givenAwayUntil = from + TimeSpan.FromSeconds(permits / _perSecond.Value);
            return true;
        }
    }

    public void Dispose() => _fullSpeed.Dispose();

    /// <param name="length">Longer than <see cref="Window"/> where answers are rare.</param>
    private void Judge(TimeSpan length)
    {
        if (_answers == 0)
        {
            return;
        }
        if (_overloaded >= Math.Max(_perSecond is null ? LeastOverloaded : 1, _answers * OverloadedShare))
        {
            var seen = _answers / length.TotalSeconds;
            _former = _perSecond is null ? seen : _former;
            _perSecond = Math.Max(Slowest, (_perSecond ?? seen) / 2);
        }
        else if (_perSecond is { } slow)
        {
            var faster = slow + Math.Max(Slowest, _former / WindowsToReturn);
            _perSecond = faster < _former ? faster : null;
        }
    }

    /// <summary>A 429 of one device counts too, but takes a tenth of all answers to matter.</summary>
    private static bool IsOverload(in PushAnswer answer) => answer.Status is 429 or 500 or 503;
}
