using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushFanout.Contracts;

/// <summary>
/// The JSON that a device gets, minified: white space is gone, strings are plain UTF-8, property order and numbers are as given.
/// Two payloads are equal when these bytes are. Whether APNs would take it is checked with the request.
/// </summary>
[JsonConverter(typeof(PushPayloadConverter))]
public sealed class PushPayload : IEquatable<PushPayload>
{
    /// <summary>How deep a payload may nest: one less than the message around it.</summary>
    public const int MaxDepth = ContractJson.MaxDepth - 1;

    private static readonly JsonSerializerOptions PlainText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _utf8;

    private PushPayload(ReadOnlySpan<byte> json)
    {
        _utf8 = JsonMinifier.Minify(json, MaxDepth);
        Form = PayloadForms.Of(_utf8);
    }

    /// <summary>The minified JSON in UTF-8; what is sent, byte for byte.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8;

    /// <summary>The size that APNs counts.</summary>
    public int Length => _utf8.Length;

    internal PayloadForm Form { get; }

    /// <summary>A payload from JSON text.</summary>
    /// <exception cref="FormatException">It is not JSON; the message says where, not what.</exception>
    public static PushPayload Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Parse(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>A payload from JSON in UTF-8.</summary>
    /// <exception cref="FormatException">It is not JSON; the message says where, not what.</exception>
    public static PushPayload Parse(ReadOnlySpan<byte> utf8Json) =>
        TryParse(utf8Json, out var payload, out var fault) ? payload : throw new FormatException($"The payload is {fault}.");

    /// <summary>A payload from JSON in UTF-8, or why it is none.</summary>
    public static bool TryParse(
        ReadOnlySpan<byte> utf8Json, [NotNullWhen(true)] out PushPayload? payload, [NotNullWhen(false)] out UnreadableMessage? fault)
    {
        fault = JsonText.FindFault(utf8Json, MaxDepth);
        payload = fault is null ? new PushPayload(utf8Json) : null;
        return payload is not null;
    }

    /// <summary>
    /// A payload from an object, for example <c>new { aps = new { alert = "Hello" } }</c>. Property names are taken as they are,
    /// unless <paramref name="options"/> say otherwise.
    /// </summary>
    public static PushPayload FromObject<T>(T value, JsonSerializerOptions? options = null) =>
        Parse(JsonSerializer.SerializeToUtf8Bytes(value, options ?? PlainText));

    /// <summary>JSON that was checked as part of a message.</summary>
    internal static PushPayload FromChecked(ReadOnlySpan<byte> utf8Json) => new(utf8Json);

    /// <inheritdoc/>
    public bool Equals(PushPayload? other) => other is not null && _utf8.AsSpan().SequenceEqual(other._utf8);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PushPayload);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_utf8);
        return hash.ToHashCode();
    }

    /// <summary>The size, never the content.</summary>
    public override string ToString() => $"payload of {_utf8.Length} bytes";
}

/// <summary>Reads and writes a payload as the JSON it is, not as a string.</summary>
public sealed class PushPayloadConverter : JsonConverter<PushPayload>
{
    /// <inheritdoc/>
    public override PushPayload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        return PushPayload.TryParse(Encoding.UTF8.GetBytes(json.RootElement.GetRawText()), out var payload, out var fault)
            ? payload
            : throw new JsonException($"The payload is {fault}.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PushPayload value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
