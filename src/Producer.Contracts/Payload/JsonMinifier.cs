using System.Buffers;
using System.Text.Json;

namespace PushFanout.Contracts;

/// <summary>
/// Writes JSON in the one shortest form that keeps property order and the digits of numbers: no white space, and strings in plain
/// UTF-8 with only those escapes that JSON insists on. So the size is what the device gets, whatever the producer's serializer did.
/// </summary>
internal static class JsonMinifier
{
    /// <param name="json">Checked before (<see cref="JsonText.FindFault"/>): this does not fail on it.</param>
    /// <param name="maxDepth">How deep it may nest.</param>
    public static byte[] Minify(ReadOnlySpan<byte> json, int maxDepth)
    {
        var output = new ArrayBufferWriter<byte>(json.Length);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        var first = true; // nothing yet in the current object or array, so no comma
        while (reader.Read())
        {
            var closes = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
            if (!first && !closes)
                output.Write(","u8);
            WriteToken(output, ref reader);
            first = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.PropertyName;
        }
        return output.WrittenSpan.ToArray();
    }

    private static void WriteToken(ArrayBufferWriter<byte> output, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                WriteString(output, ref reader);
                output.Write(":"u8);
                break;
            case JsonTokenType.String:
                WriteString(output, ref reader);
                break;
            default:
                output.Write(reader.ValueSpan);
                break;
        }
    }

    private static void WriteString(ArrayBufferWriter<byte> output, ref Utf8JsonReader reader)
    {
        output.Write("\""u8);
        if (reader.ValueIsEscaped)
            WriteUnescaped(output, ref reader);
        else
            output.Write(reader.ValueSpan);
        output.Write("\""u8);
    }

    private static void WriteUnescaped(ArrayBufferWriter<byte> output, ref Utf8JsonReader reader)
    {
        var text = new byte[reader.ValueSpan.Length]; // unescaping only shortens
        var length = reader.CopyString(text);
        foreach (var value in text.AsSpan(0, length))
        {
            ReadOnlySpan<byte> written = value switch
            {
                (byte)'"' => "\\\""u8,
                (byte)'\\' => "\\\\"u8,
                (byte)'\b' => "\\b"u8,
                (byte)'\f' => "\\f"u8,
                (byte)'\n' => "\\n"u8,
                (byte)'\r' => "\\r"u8,
                (byte)'\t' => "\\t"u8,
                < 0x20 => [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', HexDigit(value >> 4), HexDigit(value & 0xf)],
                _ => [value],
            };
            output.Write(written);
        }
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);
}
