using System.Diagnostics;

namespace PushFanout.Testing;

/// <summary>Waits for something that another thread, process or server is about to make true.</summary>
public static class Eventually
{
    /// <summary>
    /// For what comes at once where it works, and only has to be told from what never comes: a machine that others use too may stand still for
    /// seconds, again and again.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It does not within <paramref name="deadline"/>; the message says <paramref name="what"/> was awaited.</exception>
    public static Task TrueAsync(Func<bool> condition, TimeSpan deadline, string what) =>
        TrueAsync(() => Task.FromResult(condition()), deadline, what);

    /// <inheritdoc cref="TrueAsync(Func{bool}, TimeSpan, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan deadline, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition().WaitAsync(deadline).ConfigureAwait(false))
        {
            if (Stopwatch.GetElapsedTime(started) > deadline)
            {
                throw new TimeoutException($"Not within {deadline.TotalSeconds:0.#} s: {what}.");
            }
            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }
}
