namespace PushFanout.ApnsSimulator;

/// <summary>Refuses a token that gets more than a burst of pushes in a window. Knows at most a million tokens; beyond it forgets them all.</summary>
internal sealed class DeviceThrottle(int burst, TimeSpan window, TimeProvider time)
{
    private const int MaxTokens = 1_000_000;
    private readonly Lock gate = new();
    private readonly Dictionary<ulong, (long Start, int Count)> tokens = [];

    public bool Refuses(ulong tokenHash)
    {
        if (burst <= 0)
        {
            return false;
        }
        var now = time.GetTimestamp();
        lock (gate)
        {
            if (!tokens.TryGetValue(tokenHash, out var seen) || time.GetElapsedTime(seen.Start, now) >= window)
            {
                seen = (now, 0);
                if (tokens.Count >= MaxTokens)
                {
                    tokens.Clear();
                }
            }
            tokens[tokenHash] = seen with { Count = seen.Count + 1 };
            return seen.Count >= burst;
        }
    }
}
