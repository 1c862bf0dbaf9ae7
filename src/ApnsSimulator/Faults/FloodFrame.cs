namespace PushFanout.ApnsSimulator;

/// <summary>Frames that cost a client work and say nothing.</summary>
public enum FloodFrame
{
    /// <summary>PING, each of which asks for an answer.</summary>
    Ping,
    /// <summary>SETTINGS that change nothing and ask for an acknowledgement.</summary>
    Settings,
}
