using System.Buffers.Binary;
using PushFanout.Apns.Transport.Http2.Frames;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>What the server says on the stream of one push, and what the push gets of it: HEADERS, DATA, RST_STREAM, and the WINDOW_UPDATE of a stream.</summary>
internal sealed class StreamFrames(Http2Connection connection, AnswersOfOneRead answers, FloodGuard flood)
{
    /// <summary>Windows of a few hundred bytes are small and allowed; one that opens byte by byte is a flood.</summary>
    private const int LeastProgress = 64;

    /// <summary>A body that comes in pieces smaller than this is a flood as well.</summary>
    private const int Crumb = 16;

    private readonly HpackDecoder decoder = new();
    private readonly ReceiveWindow window = new();

    /// <param name="now">When the frame was read.</param>
    public ConnectionFault? TakeHeaders(in Frame frame, long now)
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
        if (Find(frame.Header) is not { } stream)
        {
            return NoSuchStream(frame.Header);
        }
        var end = frame.Header.Has(FrameFlags.EndStream);
        if (stream.Status != 0)
        {
            return end && head is { Status: 0, Malformed: false } ? Complete(stream) : Malformed(stream); // trailers
        }
        if (head.Malformed || head.Status == 0 || head.Status == 101 || (head.Status < 200 && end))
        {
            return Malformed(stream);
        }
        if (head.Status < 200)
        {
            return flood.Useless(); // 1xx: the answer is still to come
        }
        stream.RetryAfter = head.RetryAfter;
        stream.Status = head.Status;
        stream.Push.StatusArrived(now);
        return end ? Complete(stream) : null;
    }

    public ConnectionFault? TakeData(in Frame frame)
    {
        if (!window.TryReceive(frame.Header.Length, out var giveBack))
        {
            return new ConnectionFault(ErrorCode.FlowControlError, "more than we allowed");
        }
        if (giveBack > 0)
        {
            connection.Send(new ControlFrame(FrameType.WindowUpdate, 0, (ulong)giveBack));
        }
        if (Find(frame.Header) is not { } stream)
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
            return Complete(stream);
        }
        return frame.Payload.Length < Crumb ? flood.Useless() : null;
    }

    public ConnectionFault? TakeReset(in Frame frame)
    {
        var code = (ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(frame.Payload);
        if (Find(frame.Header) is not { } stream)
        {
            return NoSuchStream(frame.Header);
        }
        if (connection.States.TryTakeOut(stream, out var sent))
        {
            connection.Streams.Closed();
            answers.Add(stream, stream.BrokenOff(sent && code != ErrorCode.RefusedStream ? ExchangeEnd.Lost : ExchangeEnd.Refused));
        }
        return null;
    }

    public ConnectionFault? TakeWindowUpdate(in Frame frame, int increment)
    {
        if (Find(frame.Header) is not { } stream)
        {
            return NoSuchStream(frame.Header);
        }
        var awaited = increment >= LeastProgress && stream.WaitsForWindow;
        if (increment == 0 || !stream.TryWiden(increment))
        {
            return Cut(stream, increment == 0 ? ErrorCode.ProtocolError : ErrorCode.FlowControlError, BodyEnd.Interrupted);
        }
        return awaited ? null : flood.Useless();
    }

    /// <summary>Not one whose request is only in the buffer yet: whatever the server says of it, it is a guess, and the request may still go out.</summary>
    private Http2Stream? Find(in FrameHeader header) =>
        header.StreamId <= connection.States.LastHandedOver ? connection.Streams.Find(header.StreamId) : null;

    /// <summary>Ours that has ended, which can happen; or one that never was.</summary>
    private ConnectionFault? NoSuchStream(in FrameHeader header) =>
        (header.StreamId & 1) == 0 || header.StreamId > connection.States.LastHandedOver
            ? new ConnectionFault(ErrorCode.ProtocolError, $"{header.Type} on a stream that nobody opened")
            : flood.Useless();

    private ConnectionFault? Malformed(Http2Stream stream) => Cut(stream, ErrorCode.ProtocolError, BodyEnd.Interrupted);

    /// <summary>Ends a stream from our side, with what is known of its answer.</summary>
    private ConnectionFault? Cut(Http2Stream stream, ErrorCode code, BodyEnd body)
    {
        if (connection.States.TryTakeOut(stream, out var sent))
        {
            connection.Reset(stream.Id, code);
            answers.Add(stream, stream.BrokenOff(sent ? ExchangeEnd.Lost : ExchangeEnd.Refused, body));
        }
        return flood.Useless();
    }

    private ConnectionFault? Complete(Http2Stream stream)
    {
        if (connection.TryComplete(stream))
        {
            answers.Add(stream, new ExchangeResult
            {
                End = ExchangeEnd.Answered,
                Status = stream.Status,
                Body = BodyEnd.Complete,
                Content = stream.Content,
                RetryAfter = stream.RetryAfter,
                CanBeUsedAgain = stream.EndWritten,
            });
        }
        return null;
    }
}
