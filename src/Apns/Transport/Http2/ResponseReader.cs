using System.Buffers.Binary;
using System.Net.Security;
using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport.Http2.Frames;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>The loop that reads: takes frames as they come, and hands the answers of one read to the pump together.</summary>
internal sealed class ResponseReader(Http2Connection connection, PushPump pump, ConnectionWatch watch)
{
    private const int BufferBytes = 64 * 1024;
    private const int MostAtOnce = 512;

    /// <summary>Windows of a few hundred bytes are small and allowed; one that opens byte by byte is a flood.</summary>
    private const int LeastProgress = 64;

    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly FrameReader frames = new();
    private readonly HpackDecoder decoder = new();
    private readonly Settings settings = new();
    private readonly ReceiveWindow window = new();
    private readonly FloodGuard flood = new(connection.Clock);
    private readonly Push[] answered = new Push[MostAtOnce];
    private int answeredCount;
    private int broughtCount;
    private long now;
    private bool greeted;
    private bool madeRoom;

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
                broughtCount = 0;
                var fault = Take(kept + read, out kept);
                Deliver();
                if (fault is not null)
                {
                    connection.Fail(fault);
                    return;
                }
                if (ReceiveModeration.Helps(broughtCount, connection.Streams.Open))
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
            if (fault is not null || connection.IsDead)
            {
                break;
            }
        }
        input.CopyTo(buffer);
        kept = input.Length;
        return fault;
    }

    private ConnectionFault? Take(Frame frame)
    {
        if (!greeted && (frame.Header.Type != FrameType.Settings || frame.Header.Has(FrameFlags.Ack)))
        {
            return new ConnectionFault(ErrorCode.ProtocolError, "something else than SETTINGS first");
        }
        return frame.Header.Type switch
        {
            FrameType.Data => TakeData(frame),
            FrameType.Headers => TakeHeaders(frame),
            FrameType.RstStream => TakeReset(frame),
            FrameType.Settings => TakeSettings(frame),
            FrameType.Ping => TakePing(frame),
            FrameType.GoAway => TakeGoAway(frame),
            FrameType.WindowUpdate => TakeWindowUpdate(frame),
            _ => Useless(), // PRIORITY, and what later RFCs may add
        };
    }

    private ConnectionFault? TakeHeaders(Frame frame)
    {
        var read = ResponseHead.Read(decoder, frame.Payload, connection.Clock, out var head);
        if (read == HeaderRead.Broken)
        {
            return new ConnectionFault(ErrorCode.CompressionError, "a header block that is none");
        }
        if (read == HeaderRead.TooLarge)
        {
            return new ConnectionFault(ErrorCode.EnhanceYourCalm, "a header list larger than we take");
        }
        if (connection.Streams.Find(frame.Header.StreamId) is not { } stream)
        {
            return NoSuchStream(frame.Header);
        }
        var end = frame.Header.Has(FrameFlags.EndStream);
        if (stream.Status != 0)
        {
            return end && head is { Status: 0, Malformed: false } ? Complete(stream, BodyEnd.Complete) : Malformed(stream); // trailers
        }
        if (head.Malformed || head.Status == 0 || head.Status == 101 || (head.Status < 200 && end))
        {
            return Malformed(stream);
        }
        if (head.Status < 200)
        {
            return Useless(); // 1xx: the answer is still to come
        }
        stream.RetryAfter = head.RetryAfter;
        stream.Status = head.Status;
        stream.Push.StatusArrived(now);
        return end ? Complete(stream, BodyEnd.Complete) : null;
    }

    private ConnectionFault? TakeData(Frame frame)
    {
        if (!window.TryReceive(frame.Header.Length, out var giveBack))
        {
            return new ConnectionFault(ErrorCode.FlowControlError, "more than we allowed");
        }
        if (giveBack > 0)
        {
            connection.Send(new ControlFrame(FrameType.WindowUpdate, 0, (ulong)giveBack));
        }
        if (connection.Streams.Find(frame.Header.StreamId) is not { } stream)
        {
            return NoSuchStream(frame.Header);
        }
        if (stream.Status == 0)
        {
            return Malformed(stream);
        }
        if (!stream.TryAppend(frame.Payload))
        {
            return Cut(stream, ErrorCode.Cancel, BodyEnd.TooLong);
        }
        if (frame.Header.Has(FrameFlags.EndStream))
        {
            return Complete(stream, BodyEnd.Complete);
        }
        return frame.Payload.Length < 16 ? Useless() : null; // a body that comes in crumbs is a flood as well
    }

    private ConnectionFault? TakeReset(Frame frame)
    {
        var code = (ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(frame.Payload);
        if (connection.Streams.Find(frame.Header.StreamId) is not { } stream)
        {
            return NoSuchStream(frame.Header);
        }
        if (!connection.Streams.TryTakeOut(stream))
        {
            return null;
        }
        connection.Streams.Closed();
        if (stream.Status != 0)
        {
            Answered(stream, new ExchangeResult { End = ExchangeEnd.Answered, Status = stream.Status, Body = BodyEnd.Interrupted, RetryAfter = stream.RetryAfter });
        }
        else
        {
            Answered(stream, new ExchangeResult { End = code == ErrorCode.RefusedStream ? ExchangeEnd.Refused : ExchangeEnd.Lost });
        }
        return null;
    }

    private ConnectionFault? TakeSettings(Frame frame)
    {
        if (frame.Header.Has(FrameFlags.Ack))
        {
            watch.SettingsAcknowledged();
            return Useless();
        }
        if (settings.Apply(frame.Payload, out var smallestTable) is { } fault)
        {
            return fault;
        }
        greeted = true;
        watch.Greeted();
        return connection.TryTake(settings, smallestTable) ? Useless() : WindowTooLarge;
    }

    private ConnectionFault? TakePing(Frame frame)
    {
        if (frame.Header.Has(FrameFlags.Ack))
        {
            return Useless(); // that something came is all we wanted to know
        }
        connection.Send(new ControlFrame(FrameType.Ping, 1, BinaryPrimitives.ReadUInt64BigEndian(frame.Payload)));
        return Useless();
    }

    private ConnectionFault? TakeGoAway(Frame frame)
    {
        Deliver(); // what was answered before it is answered
        connection.GoAway(GoAway.Read(frame.Payload));
        return Useless();
    }

    private ConnectionFault? TakeWindowUpdate(Frame frame)
    {
        var increment = BinaryPrimitives.ReadInt32BigEndian(frame.Payload) & int.MaxValue;
        var id = frame.Header.StreamId;
        madeRoom = true;
        if (id == 0)
        {
            return increment == 0 ? new ConnectionFault(ErrorCode.ProtocolError, "WINDOW_UPDATE by nothing")
                : connection.SendWindow.TryWiden(increment) ? Useless() : WindowTooLarge;
        }
        if (connection.Streams.Find(id) is not { } stream)
        {
            return NoSuchStream(frame.Header);
        }
        var awaited = increment >= LeastProgress && stream.WaitsForWindow;
        if (increment == 0 || !stream.TryWiden(increment))
        {
            return Cut(stream, increment == 0 ? ErrorCode.ProtocolError : ErrorCode.FlowControlError, BodyEnd.Interrupted);
        }
        return awaited ? null : Useless();
    }

    private static ConnectionFault WindowTooLarge => new(ErrorCode.FlowControlError, "a window above 2^31-1");

    /// <summary>Ours that has ended, which can happen; or one that never was.</summary>
    private ConnectionFault? NoSuchStream(in FrameHeader header) =>
        (header.StreamId & 1) == 0 || header.StreamId > connection.LastHandedOver
            ? new ConnectionFault(ErrorCode.ProtocolError, $"{header.Type} on a stream that nobody opened")
            : Useless();

    private ConnectionFault? Useless() =>
        flood.TrySpend() ? null : new ConnectionFault(ErrorCode.EnhanceYourCalm, "a flood of frames that answer nothing");

    private ConnectionFault? Malformed(Http2Stream stream) => Cut(stream, ErrorCode.ProtocolError, BodyEnd.Interrupted);

    /// <summary>Ends a stream from our side, with what is known of its answer.</summary>
    private ConnectionFault? Cut(Http2Stream stream, ErrorCode code, BodyEnd body)
    {
        if (connection.Streams.TryTakeOut(stream))
        {
            connection.Reset(stream.Id, code);
            Answered(stream, stream.Status == 0
                ? new ExchangeResult { End = ExchangeEnd.Lost }
                : new ExchangeResult { End = ExchangeEnd.Answered, Status = stream.Status, Body = body, RetryAfter = stream.RetryAfter });
        }
        return Useless();
    }

    private ConnectionFault? Complete(Http2Stream stream, BodyEnd body)
    {
        if (connection.TryComplete(stream))
        {
            Answered(stream, new ExchangeResult
            {
                End = ExchangeEnd.Answered,
                Status = stream.Status,
                Body = body,
                Content = stream.Content,
                RetryAfter = stream.RetryAfter,
                CanBeUsedAgain = stream.EndWritten,
            });
        }
        return null;
    }

    private void Answered(Http2Stream stream, in ExchangeResult result)
    {
        stream.Push.Result = result;
        answered[answeredCount++] = stream.Push;
        if (answeredCount == answered.Length)
        {
            Deliver();
        }
    }

    private void Deliver()
    {
        if (answeredCount > 0)
        {
            flood.Earn(answeredCount);
            broughtCount += answeredCount;
            var pushes = answered.AsSpan(0, answeredCount);
            answeredCount = 0;
            pump.Finished(pushes);
            pushes.Clear();
        }
        if (madeRoom)
        {
            madeRoom = false;
            connection.Wake();
        }
    }
}
