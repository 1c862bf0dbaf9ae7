using System.Text.Json;
using System.Text.Json.Nodes;
using PushFanout.Contracts;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Parked;

/// <summary>What can be read of a parked body. Tokens are replaced by their fingerprints wherever it can be known what a token is.</summary>
/// <param name="Kind">See <see cref="ParkedMessage.Kind"/>.</param>
/// <param name="Content">The whole of it, without tokens; made only when asked for.</param>
internal sealed record ParkedBody(string Kind, string? App, Guid? NotificationId, Func<JsonNode?> Content)
{
    private static readonly JsonNodeOptions Names = new() { PropertyNameCaseInsensitive = false };
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = ContractJson.MaxDepth, AllowDuplicateProperties = false };

    public static ParkedBody Read(ReadOnlyMemory<byte> body)
    {
        if (WorkMessageFormat.TryRead(body, out var work) is WorkMessageFormat.ReadProblem.None)
        {
            return OfWork(work!);
        }
        try
        {
            var json = MessageEnvelope.TryUnwrap(body, out var inner) ? inner : body;
            if (JsonNode.Parse(json.Span, Names, Depth) is JsonObject message)
            {
                RequireText(json.Span);
                return OfJson(message);
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // Then it is as unreadable for us as it was for the worker.
        }
        return new ParkedBody("unreadable", null, null, () => UnreadableText.Of(body.Span));
    }

    private static ParkedBody OfJson(JsonObject message) => new(
        "json",
        TextOf(message, "app") is { } app && ContractNames.IsApp(app) ? app : null,
        Guid.TryParse(TextOf(message, "notificationId"), out var id) ? id : null,
        () => TokensInJson.Replace(message));

    private static ParkedBody OfWork(object work) => work switch
    {
        PushBatch batch => new("batch", batch.Template.App, batch.Key.Notification, () => new JsonObject
        {
            ["batch"] = batch.Key.ToString(),
            ["lane"] = batch.Lane.ToString(),
            ["attempt"] = batch.Attempt,
            ["offset"] = batch.Offset,
            ["pushType"] = batch.Template.PushType,
            ["topic"] = batch.Template.Topic,
            ["deadline"] = batch.Template.Deadline,
            ["payload"] = Parse(batch.Payload),
            ["tokens"] = new JsonArray([.. batch.Tokens.ToArray().Select(token => (JsonNode)TokensInJson.Shown(token.Span))]),
        }),
        ExpandRange range => new("range", AppOf(range.Request), range.NotificationId, () => new JsonObject
        {
            ["range"] = range.Range,
            ["lane"] = range.Lane.ToString(),
            ["firstShard"] = range.FirstShard,
            ["endShard"] = range.EndShard,
            ["request"] = Parse(range.Request),
        }),
        NotificationTick tick => new("tick", tick.Plan is { } plan ? AppOf(plan.Request) : null, tick.NotificationId, () => new JsonObject
        {
            ["lane"] = tick.Lane.ToString(),
            ["deadline"] = tick.Deadline,
            ["settledTokens"] = tick.SettledTokens,
            ["state"] = tick.State.ToString(),
            ["request"] = tick.Plan is { } made ? Parse(made.Request) : null,
        }),
        _ => throw new InvalidOperationException($"unknown work message {work.GetType().Name}"),
    };

    /// <exception cref="InvalidOperationException">A name or text is half a surrogate pair, which nodes only say when they are asked for it.</exception>
    private static void RequireText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ContractJson.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                reader.GetString();
            }
        }
    }

    private static string? AppOf(ReadOnlyMemory<byte> request) => Read(request).App;

    private static JsonNode? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return TokensInJson.Replace(JsonNode.Parse(json.Span, Names, Depth));
        }
        catch (JsonException)
        {
            return UnreadableText.Of(json.Span);
        }
    }

    private static string? TextOf(JsonObject message, string name) =>
        message[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
