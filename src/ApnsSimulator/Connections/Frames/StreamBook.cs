namespace PushFanout.ApnsSimulator;

/// <summary>What becomes of a stream that the client opened.</summary>
internal enum StreamFate
{
    Handle,
    /// <summary>Above the limit: reset as REFUSED_STREAM, which promises that it was not handled.</summary>
    Refuse,
    /// <summary>Above the last stream of a GOAWAY: never answered.</summary>
    Ignore,
}

/// <summary>
/// The streams of one connection as frames show them: which are open, how many may be, and what the client has been told and has
/// acknowledged of that. Both directions write in it.
/// </summary>
internal sealed class StreamBook(int firstLimit)
{
    private readonly Lock gate = new();
    private readonly HashSet<int> open = [];
    private readonly HashSet<int> refused = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ignoredEnough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int announced = firstLimit;
    private int acknowledged = int.MaxValue; // before its first SETTINGS a server limits nothing
    private int wanted = firstLimit;
    private bool awaitsAck = true; // of the first SETTINGS
    private int lastOpened;
    private int lastHandled = int.MaxValue;
    private int ignored;
    private int toIgnore;

    /// <summary>Completes when every stream that a GOAWAY let go on has ended.</summary>
    public Task Ended => ended.Task;

    /// <summary>Completes when so many streams came as <see cref="Cut"/> wanted.</summary>
    public Task IgnoredEnough => ignoredEnough.Task;

    /// <summary>A client's HEADERS. Those of a stream that is open already, trailers, change nothing.</summary>
    /// <returns>What the client should not have done; null when all is well or the change of a limit crossed the stream on the way.</returns>
    public Finding? Opened(int streamId)
    {
        lock (gate)
        {
            if (streamId <= lastOpened)
            {
                return null;
            }
            lastOpened = streamId;
            if (streamId > lastHandled)
            {
                if (++ignored >= toIgnore)
                {
                    ignoredEnough.TrySetResult();
                }
                return null;
            }
            if (open.Count < announced)
            {
                open.Add(streamId);
                return null;
            }
            refused.Add(streamId);
            return acknowledged == int.MaxValue ? Finding.StreamsBeforeSettings
                : open.Count >= acknowledged ? Finding.StreamLimitExceeded
                : null;
        }
    }

    /// <summary>An end of the stream went either way.</summary>
    public void Closed(int streamId)
    {
        lock (gate)
        {
            open.Remove(streamId);
            CompleteIfEnded();
        }
    }

    public StreamFate TakeFate(int streamId)
    {
        lock (gate)
        {
            if (streamId > lastHandled)
            {
                return StreamFate.Ignore;
            }
            if (!refused.Remove(streamId))
            {
                return StreamFate.Handle;
            }
            CompleteIfEnded();
            return StreamFate.Refuse;
        }
    }

    /// <summary>True for a stream that a GOAWAY has told the client nobody handled.</summary>
    public bool IsCutOff(int streamId) => streamId > Volatile.Read(ref lastHandled);

    /// <summary>The limit that the client is to have; told at once, or when it has acknowledged the one before.</summary>
    /// <returns>The limit to announce now; null for nothing.</returns>
    public int? Want(int limit)
    {
        lock (gate)
        {
            wanted = limit;
            return Announce();
        }
    }

    /// <summary>The client acknowledged the limit it was told last.</summary>
    /// <returns>The limit to announce now; null for nothing.</returns>
    public int? Acknowledged()
    {
        lock (gate)
        {
            acknowledged = announced;
            awaitsAck = false;
            return Announce();
        }
    }

    /// <summary>From here on new streams are ignored.</summary>
    /// <param name="ignoring">How many of them have to come before <see cref="IgnoredEnough"/> completes.</param>
    /// <returns>The last stream that is handled.</returns>
    public int Cut(int ignoring)
    {
        lock (gate)
        {
            toIgnore = ignoring;
            lastHandled = lastOpened;
            if (toIgnore == 0)
            {
                ignoredEnough.TrySetResult();
            }
            CompleteIfEnded();
            return lastHandled;
        }
    }

    /// <summary>A stream to be refused counts until somebody has it in hand.</summary>
    private void CompleteIfEnded()
    {
        if (open.Count + refused.Count == 0 && lastHandled != int.MaxValue)
        {
            ended.TrySetResult();
        }
    }

    private int? Announce()
    {
        if (awaitsAck || wanted == announced)
        {
            return null;
        }
        awaitsAck = true;
        return announced = wanted;
    }
}
