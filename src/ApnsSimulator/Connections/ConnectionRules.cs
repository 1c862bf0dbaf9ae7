namespace PushFanout.ApnsSimulator;

/// <summary>How a connection is treated beyond what each push deserves: how many streams it has, and what ends it.</summary>
public sealed record ConnectionRules
{
    /// <summary>Every stream from the start, whatever happened.</summary>
    public static ConnectionRules Lenient { get; } = new();

    /// <summary>What Apple says it does, or was seen to do.</summary>
    public static ConnectionRules Strict { get; } = new()
    {
        StreamsBeforeAuthentication = 1,
        StreamsAfterRejection = 1,
        StaysExpired = true,
        CountsStepsBack = true,
        MaxConnectionsPerMinute = 120,
        EndsBadManners = true,
    };

    /// <summary>Streams until the first push was accepted on the connection; null: all. Not with a client certificate.</summary>
    public int? StreamsBeforeAuthentication { get; init; }
    /// <summary>Streams from a 4xx other than 410 until the next accepted push; null: all.</summary>
    public int? StreamsAfterRejection { get; init; }
    /// <summary>
    /// Ends a connection by GOAWAY when its rejections reach this sum: a 4xx counts one, <c>BadDeviceToken</c> five, 410 nothing, and an
    /// accepted push takes one off. 0 never does.
    /// </summary>
    public int MaxRejections { get; init; }
    /// <summary>True: a connection that has seen an expired provider token calls every later one expired as well.</summary>
    public bool StaysExpired { get; init; }
    /// <summary>
    /// True: the provider token before the last one is a change when it comes on a later stream than the one that brought the last. False: it is
    /// none for 5 s, whatever the stream.
    /// </summary>
    public bool CountsStepsBack { get; init; }
    /// <summary>Connections opened within one minute; more are dropped. 0: any number.</summary>
    public int MaxConnectionsPerMinute { get; init; }
    /// <summary>True: streams above an acknowledged limit, PRIORITY frames and indexed paths end the connection by GOAWAY, and are not only reported.</summary>
    public bool EndsBadManners { get; init; }
    /// <summary>How many bytes of one body may come before the simulator has read them. 1–65,535, default 65,535.</summary>
    public int StreamWindowBytes { get; init; } = PushServer.StreamWindowBytes;

    internal bool Ends(Finding finding) => EndsBadManners && finding is (Finding.StreamLimitExceeded or Finding.PriorityFrame or Finding.PathIndexed);
}
