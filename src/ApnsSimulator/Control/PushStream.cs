using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;

namespace PushFanout.ApnsSimulator;

/// <summary>Writes recorded pushes while they are read, however many there are.</summary>
internal static class PushStream
{
    /// <summary>Token hash (little-endian), apns-id (16 bytes as written), Unix milliseconds (little-endian).</summary>
    public const int BinaryBytes = 32;
    private const int FlushBytes = 64 * 1024;

    public static async Task WriteBinaryAsync(IEnumerable<RecordedPush> pushes, PipeWriter output, CancellationToken cancellation)
    {
        foreach (var push in pushes)
        {
            var bytes = output.GetSpan(BinaryBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, push.TokenHash);
            push.ApnsId.TryWriteBytes(bytes[8..], bigEndian: true, out _);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], push.At.ToUnixTimeMilliseconds());
            output.Advance(BinaryBytes);
            if (output.UnflushedBytes >= FlushBytes)
            {
                await output.FlushAsync(cancellation);
            }
        }
        await output.FlushAsync(cancellation);
    }

    public static async Task WriteJsonAsync(IEnumerable<RecordedPush> pushes, PipeWriter output, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(output);
        json.WriteStartArray();
        foreach (var push in pushes)
        {
            json.WriteStartObject();
            json.WriteString("tokenHash", push.TokenHash.ToString("x16", null));
            json.WriteString("apnsId", push.ApnsId);
            json.WriteNumber("at", push.At.ToUnixTimeMilliseconds());
            json.WriteString("notification", push.Notification);
            if (push.Reason is not null)
            {
                json.WriteString("reason", push.Reason);
            }
            json.WriteEndObject();
            if (json.BytesPending >= FlushBytes)
            {
                await json.FlushAsync(cancellation);
                await output.FlushAsync(cancellation);
            }
        }
        json.WriteEndArray();
        await json.FlushAsync(cancellation);
        await output.FlushAsync(cancellation);
    }
}
