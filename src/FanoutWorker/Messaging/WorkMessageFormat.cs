using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Messaging;

/// <summary>
/// How the worker's own messages are written: a 12-byte head ("PF", format number, kind, length of the header, length of the
/// payload, all little-endian), a JSON header, the payload or request as it is, then packed tokens (of a tick: the plan). A batch of 500 tokens is
/// about 17 kB and reads without copying a token.
/// </summary>
internal static class WorkMessageFormat
{
    /// <summary>
    /// The newest format that this build reads; all before it are read as well. Raised when a message changes its meaning: a field that an older build may
    /// pass over needs no new number. A worker leaves what is newer for a newer worker.
    /// </summary>
    public const ushort Number = 2;

    /// <summary>
    /// What this build writes. A build that raises <see cref="Number"/> goes on writing what the build before it reads, and only the one after that writes
    /// the new format: so no message has to wait while workers are replaced one by one.
    /// </summary>
    public const ushort Written = 2;

    private const int HeadBytes = 12;

    internal enum Kind : byte
    {
        ExpandRange = 1,
        PushBatch = 2,
        Tick = 3,
    }

    internal enum ReadProblem : byte
    {
        None,
        /// <summary>Not one of our messages, or cut short.</summary>
        Unreadable,
        /// <summary>Written by a newer worker: one of those should read it.</summary>
        Newer,
    }

    public static ReadOnlyMemory<byte> Write(ExpandRange range) => Write(
        Kind.ExpandRange,
        new RangeHeader(range.NotificationId, range.Lane, range.Range, range.FirstShard, range.EndShard, range.RequestedAt),
        WorkJson.Default.RangeHeader, range.Request.Span, default);

    public static ReadOnlyMemory<byte> Write(PushBatch batch) => Write(
        Kind.PushBatch,
        new BatchHeader(batch.Key.Notification, batch.Key.Range, batch.Key.Generation, batch.Key.Index, batch.Lane, batch.Offset, batch.Key.Digest64, batch.Attempt, batch.Template,
            batch.Origin, batch.LostBefore, batch.Held),
        WorkJson.Default.BatchHeader, batch.Payload.Span, batch.Tokens.Bytes.Span);

    public static ReadOnlyMemory<byte> Write(NotificationTick tick) => Write(
        Kind.Tick,
        new TickHeader(
            tick.NotificationId, tick.Lane, tick.NotBefore, tick.Deadline, tick.SettledTokens, tick.StandstillTicks,
            tick.Plan?.RequestedAt, tick.State, tick.Losses, tick.LostBefore, tick.Number),
        WorkJson.Default.TickHeader, tick.Plan is { } plan ? plan.Request.Span : default, ToBytes(tick.Plan?.RangeEnds ?? []));

    public static ReadProblem TryRead(ReadOnlyMemory<byte> body, out object? message)
    {
        message = null;
        var head = body.Span;
        if (head.Length < HeadBytes || head[0] != 'P' || head[1] != 'F')
        {
            return ReadProblem.Unreadable;
        }
        if (BinaryPrimitives.ReadUInt16LittleEndian(head[2..]) > Number)
        {
            return ReadProblem.Newer;
        }
        var headerLength = BinaryPrimitives.ReadUInt16LittleEndian(head[6..]);
        var payloadLength = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (payloadLength < 0 || headerLength > body.Length - HeadBytes || payloadLength > body.Length - HeadBytes - headerLength)
        {
            return ReadProblem.Unreadable;
        }
        var header = body.Span.Slice(HeadBytes, headerLength);
        var payload = body.Slice(HeadBytes + headerLength, payloadLength);
        try
        {
            message = (Kind)head[4] switch
            {
                Kind.ExpandRange => ToRange(JsonSerializer.Deserialize(header, WorkJson.Default.RangeHeader), payload),
                Kind.PushBatch => ToBatch(JsonSerializer.Deserialize(header, WorkJson.Default.BatchHeader), payload, body[(HeadBytes + headerLength + payloadLength)..]),
                Kind.Tick => ToTick(JsonSerializer.Deserialize(header, WorkJson.Default.TickHeader), payload, body.Span[(HeadBytes + headerLength + payloadLength)..]),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return ReadProblem.Unreadable;
        }
        return message is null ? ReadProblem.Unreadable : ReadProblem.None;
    }

    private static ReadOnlyMemory<byte> Write<T>(
        Kind kind, T header, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> tokens)
    {
        var headerBytes = JsonSerializer.SerializeToUtf8Bytes(header, type);
        var body = new byte[HeadBytes + headerBytes.Length + payload.Length + tokens.Length];
        body[0] = (byte)'P';
        body[1] = (byte)'F';
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(2), Written);
        body[4] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(6), checked((ushort)headerBytes.Length));
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), payload.Length);
        headerBytes.CopyTo(body.AsSpan(HeadBytes));
        payload.CopyTo(body.AsSpan(HeadBytes + headerBytes.Length));
        tokens.CopyTo(body.AsSpan(HeadBytes + headerBytes.Length + payload.Length));
        return body;
    }

    private static ExpandRange? ToRange(RangeHeader? header, ReadOnlyMemory<byte> request) => header is null
        ? null
        : new ExpandRange(header.Id, header.Lane, header.Range, header.FirstShard, header.EndShard, header.RequestedAt, request);

    private static PushBatch? ToBatch(BatchHeader? header, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> tokenBytes) =>
        header?.Template is null || !PackedTokens.TryRead(tokenBytes, out var tokens)
            ? null
            : new PushBatch(
                new BatchKey(header.Id, header.Range, header.Generation, header.Index, header.Digest64), header.Lane, header.Offset, header.Attempt,
                header.Template, payload, tokens, header.Origin, header.LostBefore, header.Held);

    private static NotificationTick? ToTick(TickHeader? header, ReadOnlyMemory<byte> request, ReadOnlySpan<byte> rangeEnds) => header is null
        ? null
        : new NotificationTick(
            header.NotificationId, header.Lane, header.NotBefore, header.Deadline, header.SettledTokens, header.StandstillTicks,
            header.RequestedAt is { } requestedAt ? new NotificationPlan(requestedAt, ToInts(rangeEnds), request) : null,
            header.State, header.Losses, header.LostBefore, header.Number);

    private static byte[] ToBytes(IReadOnlyList<int> numbers)
    {
        var bytes = new byte[numbers.Count * sizeof(int)];
        for (var i = 0; i < numbers.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), numbers[i]);
        }
        return bytes;
    }

    private static int[] ToInts(ReadOnlySpan<byte> bytes)
    {
        var numbers = new int[bytes.Length / sizeof(int)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        }
        return numbers;
    }

    internal sealed record RangeHeader(Guid Id, Lane Lane, int Range, int FirstShard, int EndShard, DateTimeOffset RequestedAt);

    internal sealed record BatchHeader(
        Guid Id, int Range, int Generation, int Index, Lane Lane, int Offset, ulong Digest64, int Attempt, PushTemplate Template,
        RequestOrigin? Origin = null, bool LostBefore = false, HeldTime? Held = null);

    internal sealed record TickHeader(
        Guid NotificationId, Lane Lane, DateTimeOffset? NotBefore, DateTimeOffset Deadline, long SettledTokens, int StandstillTicks,
        DateTimeOffset? RequestedAt = null, NotificationState State = NotificationState.Running, int Losses = 0, bool LostBefore = false, int? Number = null);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkMessageFormat.RangeHeader))]
[JsonSerializable(typeof(WorkMessageFormat.BatchHeader))]
[JsonSerializable(typeof(WorkMessageFormat.TickHeader))]
internal sealed partial class WorkJson : JsonSerializerContext;
