namespace PushFanout.Worker.Messaging;

/// <summary>Which of the parallel ways through the worker a batch takes; each has queues and slots of its own.</summary>
internal enum Lane : byte
{
    /// <summary>Sends whose tokens fit one batch, whatever lane the request named: they never queue behind a broadcast.</summary>
    Short,
    Urgent,
    Normal,
    Bulk,
}

internal static class LaneNames
{
    /// <summary>The word used in queue names, tags and logs.</summary>
    public static string Word(this Lane lane) => lane switch
    {
        Lane.Short => "short",
        Lane.Urgent => "urgent",
        Lane.Normal => "normal",
        Lane.Bulk => "bulk",
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, null),
    };
}
