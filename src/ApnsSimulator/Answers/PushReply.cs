using System.Globalization;
using System.Text.Json;

namespace PushFanout.ApnsSimulator;

/// <summary>One answer as it goes over the wire: a status and, unless it is 200, a JSON body with APNs' reason.</summary>
public sealed class PushReply
{
    private const string Json = "application/json";

    /// <param name="status">The HTTP status.</param>
    /// <param name="reason">APNs' word for it; null leaves the body empty.</param>
    /// <param name="timestamp">Of a 410: when the token was found dead; sent in milliseconds.</param>
    /// <param name="retryAfter">Adds the header <c>retry-after</c>, in whole seconds.</param>
    public PushReply(int status, string? reason = null, DateTimeOffset? timestamp = null, TimeSpan? retryAfter = null)
        : this(status, reason, Write(reason, timestamp), Json, retryAfter)
    {
    }

    private PushReply(int status, string? reason, ReadOnlyMemory<byte> body, string contentType, TimeSpan? retryAfter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 599);
        Status = status;
        Reason = reason;
        Body = body;
        ContentType = contentType;
        RetryAfter = retryAfter is { } wait ? ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }
    /// <summary>APNs' word, or null.</summary>
    public string? Reason { get; }
    internal ReadOnlyMemory<byte> Body { get; }
    internal string ContentType { get; }
    internal string? RetryAfter { get; }

    /// <summary>An answer with any body, for example the error page of a proxy. It is counted under the reason <c>raw</c>.</summary>
    public static PushReply Raw(int status, ReadOnlyMemory<byte> body, string contentType) => new(status, "raw", body, contentType, null);

    private static byte[] Write(string? reason, DateTimeOffset? timestamp)
    {
        if (reason is null)
        {
            return [];
        }
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("reason", reason);
            if (timestamp is { } since)
            {
                json.WriteNumber("timestamp", since.ToUnixTimeMilliseconds());
            }
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}
