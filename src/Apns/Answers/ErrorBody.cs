using System.Text.Json;

namespace PushFanout.Apns.Answers;

/// <summary>
/// The body of an error, e.g. <c>{"reason":"Unregistered","timestamp":1767225600000}</c>. Whatever is not exactly that has no word.
/// </summary>
internal ref struct ErrorBody
{
    /// <summary>No answer of APNs comes near; the rest of a longer one is not read.</summary>
    public const int MaxBytes = 4096;

    private const int MaxWordLength = 64;

    /// <summary>The table's own string for a known word; null when there was none to read.</summary>
    public string? Word { get; private set; }

    /// <summary>The row of <see cref="Word"/>; null when it is not in the table.</summary>
    public ReasonRow? Row { get; private set; }

    /// <summary>Milliseconds since 1970 as they came, believed by nobody yet.</summary>
    public long? Timestamp { get; private set; }

    public static ErrorBody Read(ReadOnlySpan<byte> json)
    {
        var body = new ErrorBody();
        if (json.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..])
        {
            return default; // a page, a text, nothing: seen without an exception
        }
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return default;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("reason"u8))
                {
                    reader.Read();
                    body.TakeWord(ref reader);
                }
                else if (reader.ValueTextEquals("timestamp"u8))
                {
                    reader.Read();
                    body.Timestamp = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : null;
                }
                else
                {
                    reader.Read();
                }
                reader.Skip();
            }
            while (reader.Read())
            {
                // to the end: what follows a complete object makes it no JSON at all
            }
            return body;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: text that is not UTF-8
        {
            return default;
        }
    }

    private void TakeWord(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return;
        }
        Span<char> buffer = stackalloc char[MaxBytes]; // a word is never longer than the body
        var word = buffer[..Math.Min(reader.CopyString(buffer), MaxWordLength)];
        Row = ApnsReasons.Find(word);
        if (Row is null)
        {
            ForeignText.MakeFit(word);
        }
        Word = Row?.Word ?? (word.IsEmpty ? null : new string(word));
    }
}
