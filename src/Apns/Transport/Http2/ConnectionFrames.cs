using System.Buffers.Binary;
using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>What the server says about the connection as a whole: SETTINGS, PING, GOAWAY, and the WINDOW_UPDATE of all streams together.</summary>
internal sealed class ConnectionFrames(Http2Connection connection, ConnectionWatch watch, FloodGuard flood)
{
    private readonly Settings settings = new();

    /// <summary>Whether its first SETTINGS have come; nothing may come before them.</summary>
    public bool Greeted { get; private set; }

    private static ConnectionFault WindowTooLarge => new(ErrorCode.FlowControlError, "a window above 2^31-1");

    public ConnectionFault? TakeSettings(in Frame frame)
    {
        if (frame.Header.Has(FrameFlags.Ack))
        {
            watch.SettingsAcknowledged();
            return flood.Useless();
        }
        if (settings.Apply(frame.Payload, out var smallestTable) is { } fault)
        {
            return fault;
        }
        Greeted = true;
        watch.Greeted();
        return connection.TryTake(settings, smallestTable) ? flood.Useless() : WindowTooLarge;
    }

    public ConnectionFault? TakePing(in Frame frame)
    {
        if (!frame.Header.Has(FrameFlags.Ack)) // of an answer to ours, that something came is all we wanted to know
        {
            connection.Send(new ControlFrame(FrameType.Ping, 1, BinaryPrimitives.ReadUInt64BigEndian(frame.Payload)));
        }
        return flood.Useless();
    }

    public ConnectionFault? TakeGoAway(in Frame frame)
    {
        connection.GoAway(GoAway.Read(frame.Payload));
        return flood.Useless();
    }

    public ConnectionFault? TakeWindowUpdate(int increment) =>
        increment == 0 ? new ConnectionFault(ErrorCode.ProtocolError, "WINDOW_UPDATE by nothing")
            : connection.SendWindow.TryWiden(increment) ? flood.Useless() : WindowTooLarge;
}
