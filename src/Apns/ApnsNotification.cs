using System.Buffers;
using System.Text;

namespace PushFanout.Apns;

/// <summary>Everything of a push but the device token; made once and sent to many. Checked when made: <see cref="ApnsClient"/> trusts it.</summary>
/// <exception cref="ArgumentException">A value is not one that APNs takes; the message names the property.</exception>
public sealed class ApnsNotification
{
    private const int MaxPayloadBytes = 5120;
    private const int MaxCollapseIdBytes = 64;
    private const int MaxHeaderBytes = 255;

    /// <summary>The body: UTF-8 JSON, at most 4096 bytes (voip 5120).</summary>
    public required ReadOnlyMemory<byte> Payload
    {
        get;
        init => field = value.Length <= MaxPayloadBytes
            ? value
            : throw new ArgumentException($"{nameof(Payload)} has {value.Length} bytes; APNs takes at most {MaxPayloadBytes}.", nameof(value));
    }

    /// <summary><c>apns-topic</c>, with the suffix that the push type asks for.</summary>
    public required string Topic { get; init => field = Header(nameof(Topic), value, MaxHeaderBytes); }

    /// <summary><c>apns-push-type</c>, for example <c>alert</c>.</summary>
    public required string PushType { get; init => field = Header(nameof(PushType), value, MaxHeaderBytes); }

    /// <summary><c>apns-priority</c>: 10, 5 or 1; null leaves the header out (APNs takes 10).</summary>
    public int? Priority
    {
        get;
        init => field = value is null or 10 or 5 or 1
            ? value
            : throw new ArgumentException($"{nameof(Priority)} is 10, 5 or 1, not {value}.", nameof(value));
    }

    /// <summary><c>apns-collapse-id</c>, at most 64 bytes of UTF-8; null leaves the header out.</summary>
    public string? CollapseId { get; init => field = value is null ? null : Header(nameof(CollapseId), value, MaxCollapseIdBytes); }

    /// <summary><c>apns-expiration</c> in Unix seconds; 0 means "try once, never store"; null leaves the header out (APNs stores up to 30 days).</summary>
    public long? ExpirationUnixSeconds
    {
        get;
        init => field = value is null or >= 0
            ? value
            : throw new ArgumentException($"{nameof(ExpirationUnixSeconds)} is 0 or later, not {value}.", nameof(value));
    }

    /// <summary>
    /// When given, each push carries the <c>apns-id</c> <see cref="ApnsId.For"/> of this and its token: the same push sent again has
    /// the same id. When null no <c>apns-id</c> is sent.
    /// </summary>
    public Guid? IdSeed { get; init; }

    /// <summary>Names topic and size, never the payload.</summary>
    public override string ToString() => $"{PushType} push for {Topic}, {Payload.Length} bytes";

    private static string Header(string property, string value, int maxBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, property);
        if (value.Any(char.IsControl))
        {
            throw new ArgumentException($"{property} has a control character; no header can carry it.", property);
        }
        if (value is [' ', ..] or [.., ' '])
        {
            throw new ArgumentException($"{property} begins or ends with a space; no header can.", property);
        }
        if (!IsUtf16(value))
        {
            throw new ArgumentException($"{property} has half a surrogate pair, which is no text.", property);
        }
        return Encoding.UTF8.GetByteCount(value) <= maxBytes
            ? value
            : throw new ArgumentException($"{property} is longer than {maxBytes} bytes.", property);
    }

    private static bool IsUtf16(ReadOnlySpan<char> value)
    {
        while (Rune.DecodeFromUtf16(value, out _, out var length) == OperationStatus.Done)
        {
            value = value[length..];
        }
        return value.IsEmpty;
    }
}
