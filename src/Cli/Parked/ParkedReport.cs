using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PushFanout.Worker.Parked;

namespace PushFanout.Cli;

/// <summary>Parked messages, for people or programs.</summary>
internal static class ParkedReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Indented = new(Json) { WriteIndented = true };

    /// <param name="more">Whether there are others.</param>
    public static void WriteList(TextWriter output, IReadOnlyList<ParkedMessage> messages, bool more, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new { messages, more }, Json));
            return;
        }
        foreach (var message in messages)
        {
            Write(output, message);
        }
        output.WriteLine(messages.Count == 0 ? "Nothing is parked." : $"{messages.Count} listed{(more ? ", and there are more" : "")}.");
    }

    /// <param name="content">What is in it; null when that was not asked for.</param>
    public static void Write(TextWriter output, ParkedMessage message, JsonNode? content, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new { message, content }, Json));
            return;
        }
        Write(output, message);
        if (content is not null)
        {
            output.WriteLine(content is JsonValue text ? text.ToString() : content.ToJsonString(Indented));
        }
    }

    public static void WriteMoved(TextWriter output, string done, ParkedMoved moved, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new { moved.Moved, moved.Left, moved.Missing }, Json));
            return;
        }
        foreach (var left in moved.Left)
        {
            output.WriteLine($"{left.Id} stays parked: {left.Why}.");
        }
        foreach (var id in moved.Missing)
        {
            output.WriteLine($"{id} is not parked, or somebody else looks at it now.");
        }
        output.WriteLine($"{moved.Moved.Count} {done}.");
    }

    private static void Write(TextWriter output, ParkedMessage message)
    {
        string?[] parts =
        [
            message.From ?? "from nowhere known", message.At?.ToString("u", CultureInfo.InvariantCulture), $"{Screen.Number(message.Bytes)} bytes", message.Kind,
            message.App, message.NotificationId?.ToString(),
        ];
        output.WriteLine($"{message.Id}  {string.Join("  ", parts.OfType<string>())}");
        output.WriteLine($"    {message.Reason}");
    }
}
