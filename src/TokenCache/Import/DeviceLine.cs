using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushFanout.TokenCache;

/// <summary>One line of a <see cref="DeviceFile"/>.</summary>
internal static class DeviceLine
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <param name="line">Not empty.</param>
    /// <param name="at">When the line says no moment.</param>
    /// <param name="device">The device.</param>
    /// <param name="reason">What is wrong; never the text.</param>
    public static bool TryParse(
        ReadOnlySpan<char> line, DateTimeOffset at, [NotNullWhen(true)] out DeviceRegistration? device, [NotNullWhen(false)] out string? reason)
    {
        device = null;
        var fields = line[0] == '{' ? ReadJson(line) : ReadCommas(line);
        if (fields is null)
        {
            reason = line[0] == '{' ? "not a JSON object of the known fields" : "more than four fields";
            return false;
        }
        Span<byte> token = stackalloc byte[PackedTokens.MaxTokenBytes];
        if (string.IsNullOrEmpty(fields.Token))
        {
            reason = "no token";
        }
        else if (fields.Token.Length > 2 * PackedTokens.MaxTokenBytes)
        {
            reason = $"the token is longer than {PackedTokens.MaxTokenBytes} bytes";
        }
        else if (Convert.FromHexString(fields.Token, token, out _, out var bytes) != OperationStatus.Done)
        {
            reason = "the token is not hex, two digits a byte";
        }
        else
        {
            return TryCheck(new DeviceRegistration(token[..bytes].ToArray(), fields.At ?? at, NullIfEmpty(fields.DeviceId),
                NullIfEmpty(fields.UserId), fields.Audiences), out device, out reason);
        }
        return false;
    }

    private static bool TryCheck(
        DeviceRegistration read, [NotNullWhen(true)] out DeviceRegistration? device, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            DeviceLimits.Check(read);
            (device, reason) = (read, null);
            return true;
        }
        catch (ArgumentException e)
        {
            (device, reason) = (null, e.Message);
            return false;
        }
    }

    private static Fields? ReadCommas(ReadOnlySpan<char> line)
    {
        Span<Range> ranges = stackalloc Range[5];
        var count = line.Split(ranges, ',', StringSplitOptions.TrimEntries);
        if (count > 4)
        {
            return null;
        }
        var audiences = count > 3 ? line[ranges[3]].ToString().Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
        return new Fields
        {
            Token = line[ranges[0]].ToString(),
            UserId = count > 1 ? line[ranges[1]].ToString() : null,
            DeviceId = count > 2 ? line[ranges[2]].ToString() : null,
            Audiences = audiences.Length > 0 ? audiences : null,
        };
    }

    private static Fields? ReadJson(ReadOnlySpan<char> line)
    {
        try
        {
            return JsonSerializer.Deserialize<Fields>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private sealed class Fields
    {
        /// <summary>Ignored: the import says which app it is for.</summary>
        public string? App { get; init; }
        public string? Token { get; init; }
        public string? DeviceId { get; init; }
        public string? UserId { get; init; }
        public string[]? Audiences { get; init; }
        public DateTimeOffset? At { get; init; }
    }
}
