using System.Buffers.Binary;
using System.Text;
using PushFanout.Apns.Answers;

namespace PushFanout.Apns.Transport.Http2.Frames;

/// <summary>The server takes no more streams, and has not looked at those above <see cref="LastStreamId"/>.</summary>
/// <param name="Words">
/// What it said about it, cut and fit for a log; null when it said nothing. Apple documents <c>{"reason":…}</c>; plain text and nothing at all have
/// been seen.
/// </param>
/// <param name="Refusal">What it says of the credential, and so of every push: Apple's row; null when that was not the reason.</param>
internal sealed record GoAway(int LastStreamId, ErrorCode Code, string? Words, ReasonRow? Refusal = null)
{
    private const int MaxWords = 100;

    public static GoAway Read(ReadOnlySpan<byte> payload)
    {
        var debug = payload[8..];
        var body = debug.Length <= ErrorBody.MaxBytes ? ErrorBody.Read(debug) : default;
        return new GoAway(
            BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue,
            (ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]),
            body.Word ?? WordsOf(debug),
            body.Row is { Answer: Answer.CredentialRefused } row ? row : null);
    }

    public override string ToString() => Words is null ? $"GOAWAY {Code}" : $"GOAWAY {Code}: {Words}";

    private static string? WordsOf(ReadOnlySpan<byte> debug)
    {
        if (debug.IsEmpty)
        {
            return null;
        }
        return string.Create(Math.Min(debug.Length, MaxWords), debug[..Math.Min(debug.Length, MaxWords)], (text, bytes) =>
        {
            Encoding.Latin1.GetChars(bytes, text);
            ForeignText.MakeFit(text);
        });
    }
}
