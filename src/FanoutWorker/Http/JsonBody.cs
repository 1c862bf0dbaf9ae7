using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PushFanout.Contracts;

namespace PushFanout.Worker.Http;

/// <summary>A request's body as bytes of JSON, for the readers of the messages.</summary>
internal static class JsonBody
{
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }

    /// <summary>
    /// The same object with the field set to a text when it is not given (or null), since the address or the clock knows it. What
    /// is no JSON object comes back as it is: its reader says what is wrong.
    /// </summary>
    public static ReadOnlyMemory<byte> WithDefault(ReadOnlyMemory<byte> json, string field, string value)
    {
        var text = JsonEncodedText.Encode(value);
        try
        {
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = ContractJson.MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return json;
            }
            var start = (int)reader.BytesConsumed;
            var isEmpty = true;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                isEmpty = false;
                var isField = reader.ValueTextEquals(field);
                reader.Read();
                if (isField)
                {
                    return reader.TokenType == JsonTokenType.Null ? Replace(json, (int)reader.TokenStartIndex, (int)reader.BytesConsumed, $"\"{text}\"") : json;
                }
                reader.Skip();
            }
            return Replace(json, start, start, $"\"{field}\":\"{text}\"{(isEmpty ? "" : ",")}");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException) // the second for half a surrogate pair
        {
            return json;
        }
    }

    private static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> json, int start, int end, string text)
    {
        var result = new ArrayBufferWriter<byte>(json.Length + text.Length);
        result.Write(json.Span[..start]);
        Encoding.UTF8.GetBytes(text, result);
        result.Write(json.Span[end..]);
        return result.WrittenMemory;
    }
}
