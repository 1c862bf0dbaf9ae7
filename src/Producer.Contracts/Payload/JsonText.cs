using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace PushFanout.Contracts;

/// <summary>Whether bytes are JSON at all, before anything is made of them.</summary>
internal static class JsonText
{
    /// <summary>Null when these bytes are one JSON value in valid UTF-8, without lone surrogates, and not nested deeper than allowed.</summary>
    public static UnreadableMessage? FindFault(ReadOnlySpan<byte> json, int maxDepth)
    {
        if (!Utf8.IsValid(json))
            return new UnreadableMessage(UnreadableReason.InvalidUtf8, FirstInvalidByte(json));
        // One level more than allowed, so that too deep is seen here and not thrown there.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= maxDepth)
                    return new UnreadableMessage(UnreadableReason.TooDeep, reader.TokenStartIndex);
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped
                    && HasLoneSurrogate(reader.ValueSpan))
                    return new UnreadableMessage(UnreadableReason.LoneSurrogate, reader.TokenStartIndex);
            }
            return null;
        }
        catch (JsonException)
        {
            return new UnreadableMessage(IsPrefixOfJson(json, maxDepth) ? UnreadableReason.Truncated : UnreadableReason.NotJson, reader.BytesConsumed);
        }
    }

    private static bool IsPrefixOfJson(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = maxDepth + 1 }));
        try
        {
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> json)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(json[offset..], out _, out var consumed) == OperationStatus.Done)
            offset += consumed;
        return offset;
    }

    /// <summary>Looks for a half of a surrogate pair among the <c>\u</c> escapes; plain UTF-8 cannot hold one.</summary>
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> escaped)
    {
        var highIsOpen = false;
        for (var i = 0; i < escaped.Length; i++)
        {
            var unit = '\0';
            if (escaped[i] == '\\' && escaped[++i] == 'u')
            {
                unit = (char)Convert.ToUInt16(Encoding.ASCII.GetString(escaped.Slice(i + 1, 4)), 16);
                i += 4;
            }
            if (char.IsLowSurrogate(unit) != highIsOpen)
                return true;
            highIsOpen = char.IsHighSurrogate(unit);
        }
        return highIsOpen;
    }
}
