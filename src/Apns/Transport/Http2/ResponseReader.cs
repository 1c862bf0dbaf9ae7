using System.Buffers.Binary;
using System.Net.Security;
using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>The loop that reads: takes frames as they come to whom they concern, and hands the answers of one read to the pump together.</summary>
internal sealed class ResponseReader
{
    private const int BufferBytes = 64 * 1024;

    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly FrameReader frames = new();
    private readonly Http2Connection connection;
    private readonly ConnectionWatch watch;
    private readonly FloodGuard flood;
    private readonly AnswersOfOneRead answers;
    private readonly StreamFrames ofStreams;
    private readonly ConnectionFrames ofConnection;
    private long now;
    private bool madeRoom;

    public ResponseReader(Http2Connection connection, PushPump pump, ConnectionWatch watch)
    {
        this.connection = connection;
        this.watch = watch;
        flood = new FloodGuard(connection.Clock);
        answers = new AnswersOfOneRead(pump, flood);
        ofStreams = new StreamFrames(connection, answers, flood);
        ofConnection = new ConnectionFrames(connection, watch, flood);
    }

    public async Task RunAsync(SslStream stream, WireStream wire)
    {
        using var moderation = new ReceiveModeration(connection.Clock);
        try
        {
            var kept = 0;
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(kept));
                if (read == 0)
                {
                    connection.End(ApnsConnectionEnd.Lost, "the server closed the connection", lastWord: null);
                    return;
                }
                now = watch.Heard();
                answers.Begin();
                var fault = Take(kept + read, out kept);
                Deliver();
                if (fault is not null)
                {
                    connection.Fail(fault);
                    return;
                }
                if (ReceiveModeration.Helps(answers.Brought, connection.Streams.Open))
                {
                    wire.LetArrive();
                    await moderation.WaitAsync();
                }
            }
        }
#pragma warning disable CA1031 // whatever ends the loop ends the connection, or its pushes would wait for ever
        catch (Exception e)
#pragma warning restore CA1031
        {
            connection.End(ApnsConnectionEnd.Lost, $"the connection broke ({e.GetType().Name})", lastWord: null);
        }
    }

    private ConnectionFault? Take(int length, out int kept)
    {
        ReadOnlySpan<byte> input = buffer.AsSpan(0, length);
        ConnectionFault? fault;
        while (frames.TryRead(ref input, out var frame, out fault))
        {
            fault = Take(frame);
            if (fault is not null || connection.States.AreDead)
            {
                break;
            }
        }
        input.CopyTo(buffer);
        kept = input.Length;
        return fault;
    }

    private ConnectionFault? Take(in Frame frame)
    {
        if (!ofConnection.Greeted && (frame.Header.Type != FrameType.Settings || frame.Header.Has(FrameFlags.Ack)))
        {
            return new ConnectionFault(ErrorCode.ProtocolError, "something else than SETTINGS first");
        }
        switch (frame.Header.Type)
        {
            case FrameType.Headers:
                return ofStreams.TakeHeaders(frame, now);
            case FrameType.Data:
                return ofStreams.TakeData(frame);
            case FrameType.RstStream:
                return ofStreams.TakeReset(frame);
            case FrameType.WindowUpdate:
                madeRoom = true;
                var increment = BinaryPrimitives.ReadInt32BigEndian(frame.Payload) & int.MaxValue;
                return frame.Header.StreamId == 0 ? ofConnection.TakeWindowUpdate(increment) : ofStreams.TakeWindowUpdate(frame, increment);
            case FrameType.Settings:
                return ofConnection.TakeSettings(frame);
            case FrameType.Ping:
                return ofConnection.TakePing(frame);
            case FrameType.GoAway:
                answers.Deliver(); // what was answered before it is answered
                return ofConnection.TakeGoAway(frame);
            default:
                return flood.Useless(); // PRIORITY, and what later RFCs may add
        }
    }

    private void Deliver()
    {
        answers.Deliver();
        if (madeRoom)
        {
            madeRoom = false;
            connection.Wake();
        }
    }
}
