using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>Devices as text that <c>devices import</c> reads again, in one of <see cref="DeviceFormats.Names"/>.</summary>
internal sealed class DeviceText(string format)
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(",\"\r\n");

    /// <summary>What stands before the first device.</summary>
    public ReadOnlyMemory<byte> Header { get; } = format == DeviceFormats.Csv ? "token,userId,deviceId,audiences,at\n"u8.ToArray() : default;

    /// <summary>The devices, a line each.</summary>
    public ReadOnlyMemory<byte> Write(IEnumerable<DeviceRegistration> devices)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (var device in devices)
        {
            switch (format)
            {
                case DeviceFormats.Tokens:
                    Encoding.ASCII.GetBytes(DeviceTokenText.Encode(device.Token.Span), text);
                    break;
                case DeviceFormats.Csv:
                    Encoding.UTF8.GetBytes(CsvLine(device), text);
                    break;
                default:
                    WriteJson(device, text);
                    break;
            }
            text.Write("\n"u8);
        }
        return text.WrittenMemory;
    }

    private static string CsvLine(DeviceRegistration device) => string.Join(',',
        DeviceTokenText.Encode(device.Token.Span), Quote(device.UserId), Quote(device.DeviceId), string.Join(CsvLines.BetweenAudiences, device.Audiences ?? []), Moment(device));

    private static string Quote(string? text) =>
        text is null ? "" : text.AsSpan().ContainsAny(NeedsQuotes) || text.Trim().Length != text.Length ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static string Moment(DeviceRegistration device) => device.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteJson(DeviceRegistration device, ArrayBufferWriter<byte> text)
    {
        using var json = new Utf8JsonWriter(text, Relaxed);
        json.WriteStartObject();
        json.WriteString("token"u8, DeviceTokenText.Encode(device.Token.Span));
        if (device.UserId is { } user)
        {
            json.WriteString("userId"u8, user);
        }
        if (device.DeviceId is { } id)
        {
            json.WriteString("deviceId"u8, id);
        }
        json.WriteStartArray("audiences"u8);
        foreach (var audience in device.Audiences ?? [])
        {
            json.WriteStringValue(audience);
        }
        json.WriteEndArray();
        json.WriteString("at"u8, Moment(device));
        json.WriteEndObject();
    }
}
