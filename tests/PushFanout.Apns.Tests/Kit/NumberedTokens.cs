using System.Buffers.Binary;
using System.Globalization;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>Tokens that say which they are: four bytes of a kind, four of a number. So a server's log can be compared with what was sent.</summary>
internal static class NumberedTokens
{
    public static ReadOnlyMemory<byte>[] Of(int count, Func<int, uint> kind)
    {
        var bytes = new byte[count * 8];
        var tokens = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * 8), kind(i));
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((i * 8) + 4), i);
            tokens[i] = bytes.AsMemory(i * 8, 8);
        }
        return tokens;
    }

    /// <summary>How often each number is among these paths; a path of another kind of request is an error.</summary>
    public static byte[] Count(IEnumerable<string> paths, int count)
    {
        const string Prefix = "/3/device/";
        var times = new byte[count];
        foreach (var path in paths)
        {
            Assert.StartsWith(Prefix, path, StringComparison.Ordinal);
            times[int.Parse(path.AsSpan(Prefix.Length + 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture)]++;
        }
        return times;
    }
}
