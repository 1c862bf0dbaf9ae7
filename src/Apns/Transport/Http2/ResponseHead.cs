using System.Buffers.Text;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>What we take from a header block: the status, and how long the server wants to be left alone.</summary>
internal ref struct ResponseHead
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private bool regular;

    /// <summary>0 when there was none: trailers have none.</summary>
    public int Status { get; private set; }

    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>No HTTP: a status that is none, or pseudo-headers where none may be.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Reads a block to its end, whatever is in it: the tables must not get out of step.</summary>
    public static HeaderRead Read(HpackDecoder decoder, ReadOnlySpan<byte> block, TimeProvider clock, out ResponseHead head)
    {
        head = default;
        decoder.Begin();
        while (true)
        {
            var read = decoder.Next(ref block, out var field);
            if (read != HeaderRead.Field)
            {
                return read;
            }
            head.Take(field, clock);
        }
    }

    private void Take(HeaderField field, TimeProvider clock)
    {
        if (field.Name[0] == ':')
        {
            Malformed |= regular || Status != 0 || !field.Name.SequenceEqual(":status"u8);
            Status = StatusOf(field.Value);
            Malformed |= Status == 0;
            return;
        }
        regular = true;
        if (field.Name.SequenceEqual("retry-after"u8))
        {
            RetryAfter = WaitOf(field.Value, clock);
        }
    }

    private static int StatusOf(ReadOnlySpan<byte> value) =>
        value is [>= (byte)'1' and <= (byte)'9', >= (byte)'0' and <= (byte)'9', >= (byte)'0' and <= (byte)'9']
            ? ((value[0] - '0') * 100) + ((value[1] - '0') * 10) + value[2] - '0'
            : 0;

    private static TimeSpan? WaitOf(ReadOnlySpan<byte> value, TimeProvider clock)
    {
        TimeSpan wait;
        if (Utf8Parser.TryParse(value, out long seconds, out var read) && read == value.Length)
        {
            wait = TimeSpan.FromSeconds(Math.Clamp(seconds, 0, (long)LongestWait.TotalSeconds));
        }
        else if (Utf8Parser.TryParse(value, out DateTimeOffset date, out read, 'R') && read == value.Length)
        {
            wait = date - clock.GetUtcNow();
        }
        else
        {
            return null;
        }
        return wait > LongestWait ? LongestWait : wait > TimeSpan.Zero ? wait : null;
    }
}
