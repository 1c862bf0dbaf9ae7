using System.Text.Json;

namespace PushFanout.ApnsSimulator;

/// <summary>How a connection is told to go away.</summary>
public sealed record GoAwayFrame
{
    /// <summary>What the frame carries besides its code; Apple's is JSON, was seen as plain text, and may be empty.</summary>
    public string Debug { get; init; } = "";
    /// <summary>HTTP/2's error code; 0 is none.</summary>
    public int ErrorCode { get; init; }
    /// <summary>
    /// So many streams are opened and left alone before the frame goes out, and lie above its last stream: the client may send their
    /// pushes again. When they do not come, the frame goes out after a second.
    /// </summary>
    public int Unhandled { get; init; }
    /// <summary>Says it twice: first with the highest stream there is, then with the last that was handled.</summary>
    public bool Twice { get; init; }
    /// <summary>Ends the connection as soon as the client has read the frame; otherwise the streams up to the last one are answered.</summary>
    public bool Drop { get; init; }

    /// <summary>A frame with a reason as Apple writes it.</summary>
    public static GoAwayFrame Because(string reason) => new() { Debug = JsonSerializer.Serialize(new { reason }) };

    /// <summary>What the real service was seen to say to a client that opened more streams than it may.</summary>
    public static GoAwayFrame TooManyStreams { get; } =
        new() { ErrorCode = Fault.RefusedStream, Debug = "Maximum active streams violated for this endpoint.", Drop = true };
}
