using PushFanout.Apns.Answers;
using PushFanout.Apns.Transport.Http2;
using PushFanout.Apns.Transport.Http2.Frames;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Bench.Fuzz;

/// <summary>
/// Feeds what a server sends, spoiled at random, to everything that reads it: frames, header blocks, errors. Whatever comes, it is read or refused: no exception,
/// no loop without end, nothing kept that grows. The same seed makes the same inputs.
/// </summary>
internal sealed class ProtocolFuzz(int seed)
{
    private const int MaxInput = 8192;

    private readonly Random _random = new(seed);
    private readonly byte[] _input = new byte[MaxInput];
    private HpackDecoder _decoder = new();
    private int _length;

    /// <summary>Frames, fields and words that were understood, and inputs that were refused: a fuzzer that reaches nothing finds nothing.</summary>
    public (long Frames, long Fields, long Words, long Refused) Reached { get; private set; }

    /// <exception cref="InvalidOperationException">Something was kept or returned that must not be.</exception>
    public void Run(long inputs)
    {
        for (var i = 0L; i < inputs; i++)
        {
            switch (_random.Next(3))
            {
                case 0:
                    Spoil(Corpus.Streams);
                    ReadFrames();
                    break;
                case 1:
                    Spoil(Corpus.Blocks);
                    ReadBlock(_input.AsSpan(0, _length));
                    break;
                default:
                    Spoil(Corpus.Errors);
                    ReadError();
                    break;
            }
        }
    }

    private void ReadFrames()
    {
        _decoder = new HpackDecoder();
        var reader = new FrameReader();
        var settings = new Settings();
        var end = _random.Next(_length + 1); // the rest comes later, as from a socket
        ReadOnlySpan<byte> first = _input.AsSpan(0, end);
        if (ReadFrames(reader, settings, ref first))
        {
            ReadOnlySpan<byte> rest = _input.AsSpan(end - first.Length, _length - end + first.Length);
            ReadFrames(reader, settings, ref rest);
        }
    }

    private bool ReadFrames(FrameReader reader, Settings settings, ref ReadOnlySpan<byte> from)
    {
        var before = from.Length;
        ConnectionFault? fault;
        while (reader.TryRead(ref from, out var frame, out fault))
        {
            Expect(from.Length <= before - FrameHeader.Size, "a frame was read from nothing");
            Expect(frame.Payload.Length <= FrameReader.MaxHeaderBlock, "a frame is too large");
            before = from.Length;
            Reached = Reached with { Frames = Reached.Frames + 1 };
            var broken = frame.Header.Type switch
            {
                FrameType.Headers => !ReadBlock(frame.Payload),
                FrameType.Settings => settings.Apply(frame.Payload, out _) is not null,
                FrameType.GoAway => GoAway.Read(frame.Payload).Words?.Length > 100,
                _ => false,
            };
            if (broken)
            {
                break;
            }
        }
        Reached = fault is null ? Reached : Reached with { Refused = Reached.Refused + 1 };
        return fault is null;
    }

    private bool ReadBlock(ReadOnlySpan<byte> block)
    {
        var read = ResponseHead.Read(_decoder, block, TimeProvider.System, out var head);
        Expect(_decoder.TableSize <= Settings.DefaultHeaderTableSize, "the header table is too large");
        Expect(head.Status is 0 or (>= 100 and <= 999), "a status that is none");
        if (read == HeaderRead.End)
        {
            Reached = Reached with { Fields = Reached.Fields + 1 };
            return true;
        }
        Reached = Reached with { Refused = Reached.Refused + 1 };
        _decoder = new HpackDecoder(); // the connection would be over
        return false;
    }

    private void ReadError()
    {
        var error = ErrorBody.Read(_input.AsSpan(0, Math.Min(_length, ErrorBody.MaxBytes)));
        Expect(error.Word is not { Length: > 64 }, "a word is too long");
        Expect(error.Word is null || !error.Word.Any(char.IsControl), "a word can break a line of a log");
        Reached = error.Word is null ? Reached with { Refused = Reached.Refused + 1 } : Reached with { Words = Reached.Words + 1 };
    }

    /// <summary>Takes one of the corpus, or the beginning of one and the end of another, and changes some bytes of it.</summary>
    private void Spoil(byte[][] corpus)
    {
        var one = corpus[_random.Next(corpus.Length)];
        var other = corpus[_random.Next(corpus.Length)];
        var head = _random.Next(4) == 0 ? _random.Next(one.Length + 1) : one.Length;
        one.AsSpan(0, head).CopyTo(_input);
        _length = head;
        if (_random.Next(4) == 0)
        {
            var tail = other.AsSpan(_random.Next(other.Length + 1));
            tail.CopyTo(_input.AsSpan(_length));
            _length += tail.Length;
        }
        for (var changes = _random.Next(4); changes > 0 && _length > 0; changes--)
        {
            ref var place = ref _input[_random.Next(_length)];
            place = _random.Next(5) switch
            {
                0 => (byte)(place ^ (1 << _random.Next(8))),
                1 => 0,
                2 => 0xff,
                3 => (byte)(place + 1),
                _ => (byte)_random.Next(256),
            };
        }
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
