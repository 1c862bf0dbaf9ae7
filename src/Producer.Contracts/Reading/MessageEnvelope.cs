using System.Text;
using System.Text.Json;

namespace PushFanout.Contracts;

/// <summary>MassTransit's JSON envelope, of which only the message inside matters here.</summary>
public static class MessageEnvelope
{
    /// <summary>The content type of a body with this envelope.</summary>
    public const string ContentType = "application/vnd.masstransit+json";

    /// <summary>
    /// Finds the message in an envelope: the value of its one property <c>message</c> (in any case, as MassTransit reads it), the bytes
    /// as they are. False when the body is no such envelope.
    /// </summary>
    public static bool TryUnwrap(ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> message)
    {
        message = default;
        // What is inside may be one level deeper than a message may be: the reader of the message says so, and where.
        var json = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = ContractJson.MaxDepth + 2 });
        try
        {
            if (!json.Read() || json.TokenType is not JsonTokenType.StartObject)
                return false;
            var found = 0;
            while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
            {
                var isMessage = IsMessage(ref json);
                json.Read();
                var start = (int)json.TokenStartIndex;
                json.Skip();
                if (isMessage && ++found == 1)
                    message = body[start..(int)json.BytesConsumed];
            }
            return found == 1 && !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsMessage(ref Utf8JsonReader json) =>
        json.ValueSpan.Length == "message".Length && Ascii.EqualsIgnoreCase(json.ValueSpan, "message"u8);
}
