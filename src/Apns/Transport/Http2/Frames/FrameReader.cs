using System.Diagnostics.CodeAnalysis;

namespace PushFanout.Apns.Transport.Http2.Frames;

/// <summary>One frame without its padding; HEADERS with the whole header block, wherever it came from.</summary>
internal readonly ref struct Frame(FrameHeader header, ReadOnlySpan<byte> payload)
{
    /// <summary>As it was on the wire: its length is what counts against flow control.</summary>
    public FrameHeader Header { get; } = header;
    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>
/// Cuts what a server sends into frames and checks all that can be seen without knowing the streams: sizes, stream 0, padding, and that
/// CONTINUATION frames come where they must. The server is not trusted: nothing here grows with what it sends.
/// </summary>
internal sealed class FrameReader
{
    /// <summary>An answer of APNs has a block of some 60 bytes; the largest that we say we take is half of this.</summary>
    public const int MaxHeaderBlock = 32_768;

    private const int MaxContinuations = 16;
    private const int PriorityFields = 5;

    private byte[] block = [];
    private int blockLength;
    private int continuations;
    private FrameHeader? unfinished;

    /// <summary>Takes the next frame from the front of <paramref name="input"/>.</summary>
    /// <returns>False when more bytes are needed, or when there is a <paramref name="fault"/>: then nothing more can be read.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> input, out Frame frame, out ConnectionFault? fault)
    {
        frame = default;
        while (TryCut(ref input, out var header, out var payload, out fault))
        {
            if (header.Type is not (FrameType.Headers or FrameType.Continuation))
            {
                frame = new Frame(header, payload);
                return true;
            }
            if (header.Type == FrameType.Headers && header.Has(FrameFlags.EndHeaders))
            {
                frame = new Frame(header, payload);
                return true;
            }
            if (!TryAppend(header, payload, out fault))
            {
                return false;
            }
            if (header.Has(FrameFlags.EndHeaders))
            {
                frame = new Frame(unfinished!.Value, block.AsSpan(0, blockLength));
                unfinished = null;
                return true;
            }
        }
        return false;
    }

    private bool TryCut(scoped ref ReadOnlySpan<byte> input, out FrameHeader header, out ReadOnlySpan<byte> payload, out ConnectionFault? fault)
    {
        payload = default;
        header = default;
        fault = null;
        if (input.Length < FrameHeader.Size)
        {
            return false;
        }
        header = FrameHeader.Read(input);
        fault = FaultOf(header);
        if (fault is not null || input.Length < FrameHeader.Size + header.Length)
        {
            return false;
        }
        payload = input.Slice(FrameHeader.Size, header.Length);
        input = input[(FrameHeader.Size + header.Length)..];
        return header.Type is not (FrameType.Data or FrameType.Headers) || TryStrip(header, ref payload, out fault);
    }

    /// <summary>Everything that the nine bytes alone can have wrong.</summary>
    private ConnectionFault? FaultOf(in FrameHeader header)
    {
        if (header.Length > FrameHeader.MaxLength)
        {
            return new ConnectionFault(ErrorCode.FrameSizeError, "a frame larger than 16,384 bytes");
        }
        if (unfinished is { } begun && (header.Type != FrameType.Continuation || header.StreamId != begun.StreamId))
        {
            return new ConnectionFault(ErrorCode.ProtocolError, "another frame in the middle of a header block");
        }
        return header.Type switch
        {
            FrameType.Continuation when unfinished is null => new ConnectionFault(ErrorCode.ProtocolError, "CONTINUATION without HEADERS"),
            FrameType.PushPromise => new ConnectionFault(ErrorCode.ProtocolError, "PUSH_PROMISE, which we do not allow"),
            FrameType.Data or FrameType.Headers or FrameType.RstStream or FrameType.Priority when header.StreamId == 0 =>
                new ConnectionFault(ErrorCode.ProtocolError, $"{header.Type} without a stream"),
            FrameType.Settings or FrameType.Ping or FrameType.GoAway when header.StreamId != 0 =>
                new ConnectionFault(ErrorCode.ProtocolError, $"{header.Type} on a stream"),
            FrameType.Settings when header.Length % 6 != 0 || (header.Has(FrameFlags.Ack) && header.Length != 0) => WrongSize(header),
            FrameType.Ping when header.Length != 8 => WrongSize(header),
            FrameType.GoAway when header.Length < 8 => WrongSize(header),
            FrameType.RstStream or FrameType.WindowUpdate when header.Length != 4 => WrongSize(header),
            FrameType.Priority when header.Length != PriorityFields => WrongSize(header),
            _ => null,
        };
    }

    private static ConnectionFault WrongSize(in FrameHeader header) => new(ErrorCode.FrameSizeError, $"{header.Type} of a wrong size");

    /// <summary>Takes off padding, and the priority that HEADERS may begin with.</summary>
    private static bool TryStrip(in FrameHeader header, scoped ref ReadOnlySpan<byte> payload, [NotNullWhen(false)] out ConnectionFault? fault)
    {
        fault = null;
        var padding = 0;
        var front = 0;
        if (header.Has(FrameFlags.Padded))
        {
            padding = payload.IsEmpty ? int.MaxValue : payload[0];
            front = 1;
        }
        if (header.Type == FrameType.Headers && header.Has(FrameFlags.Priority))
        {
            front += PriorityFields;
        }
        if (padding > payload.Length - front)
        {
            fault = new ConnectionFault(ErrorCode.ProtocolError, $"{header.Type} with more padding than content");
            return false;
        }
        payload = payload[front..^padding];
        return true;
    }

    private bool TryAppend(in FrameHeader header, ReadOnlySpan<byte> fragment, [NotNullWhen(false)] out ConnectionFault? fault)
    {
        if (header.Type == FrameType.Headers)
        {
            unfinished = header;
            blockLength = continuations = 0;
        }
        if (blockLength + fragment.Length > MaxHeaderBlock || continuations++ > MaxContinuations)
        {
            fault = new ConnectionFault(ErrorCode.EnhanceYourCalm, "an endless header block");
            return false;
        }
        if (block.Length < blockLength + fragment.Length)
        {
            Array.Resize(ref block, MaxHeaderBlock);
        }
        fragment.CopyTo(block.AsSpan(blockLength));
        blockLength += fragment.Length;
        fault = null;
        return true;
    }
}
