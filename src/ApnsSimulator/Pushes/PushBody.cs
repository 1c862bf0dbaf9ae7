using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace PushFanout.ApnsSimulator;

/// <summary>What has to be known of a body; its bytes are not kept.</summary>
/// <param name="Length">In bytes; of a body that is too large, what came until that was clear.</param>
/// <param name="IsJsonObject">Whether a device could read it.</param>
internal readonly record struct PushBody(long Length, bool IsJsonObject)
{
    /// <summary>Reads to the end, or until the body is larger than any push type allows.</summary>
    public static async ValueTask<PushBody> ReadAsync(PipeReader reader)
    {
        while (true)
        {
            var read = await reader.ReadAsync(CancellationToken.None);
            if (read.IsCompleted || read.Buffer.Length > PushType.LargestPayloadBytes)
            {
                var body = new PushBody(read.Buffer.Length, IsObject(read.Buffer));
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool IsObject(ReadOnlySequence<byte> body)
    {
        try
        {
            var json = new Utf8JsonReader(body);
            if (!json.Read() || json.TokenType is not JsonTokenType.StartObject)
            {
                return false;
            }
            json.Skip();
            return !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
