namespace PushFanout.Apns.Transport.Http2.Hpack;

internal static class HuffmanEncoder
{
    public static int EncodedLength(ReadOnlySpan<byte> text)
    {
        var bits = 0;
        foreach (var symbol in text)
        {
            bits += HuffmanCode.Lengths[symbol];
        }
        return (bits + 7) / 8;
    }

    /// <param name="to">At least <see cref="EncodedLength"/> bytes.</param>
    public static void Encode(ReadOnlySpan<byte> text, Span<byte> to)
    {
        var bits = 0ul;
        var count = 0;
        var at = 0;
        foreach (var symbol in text)
        {
            int length = HuffmanCode.Lengths[symbol];
            bits = (bits << length) | HuffmanCode.Codes[symbol];
            for (count += length; count >= 8; count -= 8)
            {
                to[at++] = (byte)(bits >> (count - 8));
            }
        }
        if (count > 0)
        {
            to[at] = (byte)((bits << (8 - count)) | (0xffu >> count)); // filled with the first bits of the end of string, all ones
        }
    }
}
