using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PushFanout.Worker.Parked;

/// <summary>Bytes that are no message, as far as an operator can make something of them: printable ASCII, the rest escaped, and at most 4 KiB.</summary>
internal static partial class UnreadableText
{
    private const int MostBytes = 4096;

    public static string Of(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder();
        foreach (var character in body[..Math.Min(body.Length, MostBytes)])
        {
            if (character is >= (byte)' ' and < 0x7f)
            {
                text.Append((char)character);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{character:x2}");
            }
        }
        if (body.Length > MostBytes)
        {
            text.Append(CultureInfo.InvariantCulture, $"... ({body.Length - MostBytes} bytes more)");
        }
        return LongHex().Replace(text.ToString(), match => $"<{TokensInJson.Shown(Convert.FromHexString(match.Value[..(match.Length & ~1)]))}>");
    }

    /// <summary>What may be a device token. Where it was cut off, an odd digit may be left over.</summary>
    [GeneratedRegex("[0-9A-Fa-f]{16,}")]
    private static partial Regex LongHex();
}
