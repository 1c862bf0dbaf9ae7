namespace PushFanout.ApnsSimulator;

/// <summary>What a client may do without being refused, and should not.</summary>
public enum Finding
{
    /// <summary>Most connections opened within one minute; Apple takes rapid reconnecting for an attack.</summary>
    ConnectionsInOneMinute,
    /// <summary>Changes of the provider token on a connection; normal is one per connection and 20 to 60 minutes.</summary>
    ProviderTokenChanged,
    /// <summary>Changes of the provider token that came too early and were refused.</summary>
    ProviderTokenChangedTooOften,
    /// <summary>Background pushes with priority 10, or with none, which means 10; Apple wants 5.</summary>
    BackgroundAtPriority10,
    /// <summary>Pushes without <c>apns-push-type</c>.</summary>
    MissingPushType,
    /// <summary>Bodies that are not a JSON object: accepted, and lost on the device.</summary>
    PayloadIsNotJson,
    /// <summary>Device tokens in upper case.</summary>
    UpperCaseToken,
    /// <summary>Connections refused because too many came within one minute.</summary>
    TooManyConnections,
    /// <summary>Streams above the limit that were opened before the client had read the first SETTINGS; they were refused.</summary>
    StreamsBeforeSettings,
    /// <summary>Streams above a limit that the client had acknowledged; they were refused.</summary>
    StreamLimitExceeded,
    /// <summary>PRIORITY frames, and HEADERS with a priority; APNs ignores them.</summary>
    PriorityFrame,
    /// <summary>Paths put into the header table: each is used once, and drives out what is used again.</summary>
    PathIndexed,
    /// <summary>Provider tokens put into the header table, against Apple's advice; it saves bytes, so take it as information.</summary>
    AuthorizationIndexed,
    /// <summary><c>apns-id</c> put into the header table more than once; its first entry is for the name.</summary>
    IdIndexedAgain,
    /// <summary><c>apns-topic</c> written out again, though it could be in the header table.</summary>
    TopicNotIndexed,
}

/// <summary>How often each finding was made.</summary>
internal sealed class LintFindings
{
    private readonly long[] counts = new long[Enum.GetValues<Finding>().Length];

    public void Count(Finding finding) => Interlocked.Increment(ref counts[(int)finding]);

    public void Peak(Finding finding, long value)
    {
        ref var peak = ref counts[(int)finding];
        var seen = Interlocked.Read(ref peak);
        while (value > seen)
        {
            var before = Interlocked.CompareExchange(ref peak, value, seen);
            if (before == seen)
            {
                return;
            }
            seen = before;
        }
    }

    public long Of(Finding finding) => Interlocked.Read(ref counts[(int)finding]);

    /// <summary>All findings that were made at least once.</summary>
    public Dictionary<Finding, long> Made() => Enum.GetValues<Finding>().Where(f => Of(f) > 0).ToDictionary(f => f, Of);

    public void Reset() => Array.Clear(counts);
}
