using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PushFanout.Contracts;

/// <summary>Hashes fields so that no two different lists of fields give the same bytes: each has a number and a length in front.</summary>
internal sealed class DigestWriter : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Add(byte field, ReadOnlySpan<byte> value)
    {
        Span<byte> header = stackalloc byte[5];
        header[0] = field;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], value.Length);
        _hash.AppendData(header);
        _hash.AppendData(value);
    }

    public void Add(byte field, string? value)
    {
        if (value is not null)
            Add(field, Encoding.UTF8.GetBytes(value));
    }

    public void Add(byte field, long? value, long? notGiven)
    {
        if (value == notGiven)
            return;
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value.GetValueOrDefault());
        Add(field, bytes);
    }

    public void AddWord<T>(byte field, T value)
        where T : struct, Enum
    {
        if (!EqualityComparer<T>.Default.Equals(value, default))
            Add(field, LowerCaseWord.Of(value.ToString()));
    }

    public void AddSet(byte field, IEnumerable<string>? values)
    {
        if (values is null)
            return;
        foreach (var value in values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            Add(field, value);
    }

    public byte[] Finish() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();
}
