using System.Buffers.Binary;
using PushFanout.Apns.Answers;

namespace PushFanout.Apns.Transport.Http2.Frames;

/// <summary>The server takes no more streams, and has not looked at those above <see cref="LastStreamId"/>.</summary>
/// <param name="Words">
/// What it said about it, cut and fit for a log; null when it said nothing. Apple documents <c>{"reason":…}</c>; plain text and nothing at all have
/// been seen.
/// </param>
internal sealed record GoAway(int LastStreamId, ErrorCode Code, string? Words)
{
    private const int MaxWords = 100;

    public static GoAway Read(ReadOnlySpan<byte> payload) => new(
        BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue,
        (ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]),
        WordsOf(payload[8..]));

    public override string ToString() => Words is null ? $"GOAWAY {Code}" : $"GOAWAY {Code}: {Words}";

    private static string? WordsOf(ReadOnlySpan<byte> debug)
    {
        if (debug.IsEmpty)
        {
            return null;
        }
        if (debug.Length <= ErrorBody.MaxBytes && ErrorBody.Read(debug).Word is { } word)
        {
            return word;
        }
        return string.Create(Math.Min(debug.Length, MaxWords), debug[..Math.Min(debug.Length, MaxWords)], (text, bytes) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = bytes[i] is >= (byte)' ' and <= (byte)'~' ? (char)bytes[i] : '?';
            }
        });
    }
}
