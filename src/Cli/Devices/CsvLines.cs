using System.Globalization;
using System.Text;
using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>A header with the names of the fields, then a device on each line. Fields may be in double quotes, but not span lines.</summary>
internal sealed class CsvLines : IDeviceFormat
{
    public const char BetweenAudiences = ';';
    private static readonly string[] Known = ["token", "userId", "deviceId", "audiences", "at"];

    private readonly string[] _columns;
    private readonly string _app;
    private readonly TimeProvider _clock;

    /// <exception cref="InvalidDataException">The header does not name a token, or names something unknown.</exception>
    public CsvLines(string header, string app, TimeProvider clock)
    {
        _columns = [.. (Split(header) ?? []).Select(name => name.Trim())];
        (_app, _clock) = (app, clock);
        if (!_columns.Contains("token", StringComparer.OrdinalIgnoreCase) || _columns.Except(Known, StringComparer.OrdinalIgnoreCase).Any())
        {
            throw new InvalidDataException($"The first line is neither a token, nor JSON, nor a header with token and any of {string.Join(", ", Known[1..])}.");
        }
    }

    public bool FirstLineIsHeader => true;

    public (DeviceRegistered? Device, string Fault) Read(string line)
    {
        if (Split(line) is not { } fields)
        {
            return (null, "a quote has no end");
        }
        if (fields.Count != _columns.Length)
        {
            return (null, $"{fields.Count} fields, but the header has {_columns.Length}");
        }
        var at = _clock.GetUtcNow();
        if (Field("at") is { } given && !DateTimeOffset.TryParse(given, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at))
        {
            return (null, "at: It is no date and time.");
        }
        return DeviceFormats.Check(new DeviceRegistered
        {
            App = _app,
            Token = Field("token") ?? "",
            UserId = Field("userId"),
            DeviceId = Field("deviceId"),
            Audiences = Field("audiences")?.Split(BetweenAudiences, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            At = at,
        });

        string? Field(string name)
        {
            var index = Array.FindIndex(_columns, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));
            return index >= 0 && fields[index].Trim() is { Length: > 0 } text ? text : null;
        }
    }

    /// <returns>The fields; null when a quote is left open.</returns>
    private static List<string>? Split(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var character = line[i];
            if (character == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (character == '"')
            {
                quoted = !quoted;
            }
            else if (character == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(character);
            }
        }
        fields.Add(field.ToString());
        return quoted ? null : fields;
    }
}
