using System.Buffers.Binary;
using System.Text;

namespace PushFanout.TokenCache.Redis;

/// <summary>A device record as Redis holds it; <c>Scripts/record.lua</c> describes the bytes.</summary>
internal sealed record DeviceValue(long RegisteredAt, long At, string? UserId, string? DeviceId, IReadOnlyList<string> Audiences)
{
    private const int TimesLength = 12;

    /// <summary>Stands for "leave the audiences as they are" where packed names are expected.</summary>
    public static readonly byte[] LeaveAudiences = [0];

    public static DeviceValue Read(ReadOnlySpan<byte> value)
    {
        var fields = new List<string>();
        for (var at = TimesLength; at < value.Length; at += 1 + value[at])
        {
            fields.Add(Encoding.UTF8.GetString(value.Slice(at + 1, value[at])));
        }
        return new DeviceValue(ReadMoment(value), ReadMoment(value[6..]), NullIfEmpty(fields[0]), NullIfEmpty(fields[1]), fields[2..]);
    }

    public static long ReadMoment(ReadOnlySpan<byte> bytes) =>
        ((long)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);

    /// <summary>Fields one behind the other, each behind its length in one byte.</summary>
    public static byte[] Pack(params ReadOnlySpan<string> fields)
    {
        var length = fields.Length;
        foreach (var field in fields)
        {
            length += Encoding.UTF8.GetByteCount(field);
        }
        var packed = new byte[length];
        var at = 0;
        foreach (var field in fields)
        {
            var bytes = Encoding.UTF8.GetBytes(field, packed.AsSpan(at + 1));
            packed[at] = checked((byte)bytes);
            at += 1 + bytes;
        }
        return packed;
    }

    public DeviceRecord ToRecord(ReadOnlyMemory<byte> token) =>
        new(token, DateTimeOffset.FromUnixTimeMilliseconds(RegisteredAt), UserId, DeviceId, [.. Audiences.Order(StringComparer.Ordinal)]);

    public DeviceRegistration ToRegistration(ReadOnlyMemory<byte> token) =>
        new(token, DateTimeOffset.FromUnixTimeMilliseconds(At), DeviceId, UserId, [.. Audiences.Order(StringComparer.Ordinal)]);

    public override string ToString() => $"record in {Audiences.Count} audiences";

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
