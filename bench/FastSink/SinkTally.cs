namespace PushFanout.FastSink;

/// <summary>What all connections did so far.</summary>
/// <param name="Answered">Requests that came whole and were answered.</param>
/// <param name="BodyBytes">Of all DATA frames; tells whether the bodies came too.</param>
/// <param name="Connections">Accepted so far.</param>
/// <param name="Resets">Streams that a client reset.</param>
/// <param name="Violations">Connections that were ended because the client broke the protocol or the stream limit.</param>
/// <param name="CpuSeconds">Of this process.</param>
public sealed record SinkTally(long Answered, long BodyBytes, int Connections, long Resets, int Violations, double CpuSeconds);
