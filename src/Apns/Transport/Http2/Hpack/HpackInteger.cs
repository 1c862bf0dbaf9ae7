namespace PushFanout.Apns.Transport.Http2.Hpack;

/// <summary>RFC 7541, section 5.1: an integer that begins in the last bits of a byte.</summary>
internal static class HpackInteger
{
    /// <summary>A longer one could only be an attack: no length and no index comes near 2^28.</summary>
    private const int MostBytes = 5;

    /// <param name="pattern">What the first byte has in front of the integer.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Encode(Span<byte> to, byte pattern, int prefixBits, int value)
    {
        var most = (1 << prefixBits) - 1;
        if (value < most)
        {
            to[0] = (byte)(pattern | value);
            return 1;
        }
        to[0] = (byte)(pattern | most);
        var at = 1;
        for (value -= most; value >= 128; value >>= 7)
        {
            to[at++] = (byte)(value | 128);
        }
        to[at++] = (byte)value;
        return at;
    }

    public static bool TryDecode(scoped ref ReadOnlySpan<byte> from, int prefixBits, out int value)
    {
        value = 0;
        if (from.IsEmpty)
        {
            return false;
        }
        var most = (1 << prefixBits) - 1;
        value = from[0] & most;
        if (value < most)
        {
            from = from[1..];
            return true;
        }
        for (var at = 1; at < from.Length && at < MostBytes; at++)
        {
            value += (from[at] & 127) << (7 * (at - 1));
            if (from[at] < 128)
            {
                from = from[(at + 1)..];
                return true;
            }
        }
        return false;
    }
}
