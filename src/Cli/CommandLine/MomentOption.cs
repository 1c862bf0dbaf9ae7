using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PushFanout.Cli;

/// <summary>An option that is a moment: a date and time, or how long from now.</summary>
internal static partial class MomentOption
{
    /// <param name="past">Whether a span counts back from now.</param>
    public static Option<DateTimeOffset?> Create(string name, string description, TimeProvider clock, bool past = false)
    {
        var span = past ? "how long ago" : "how long from now";
        return new Option<DateTimeOffset?>(name)
        {
            Description = $"{description} A time like 2026-12-24T18:00:00Z, or {span}: 30s, 10m, 6h, 2d.",
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (Read(result.Tokens[0].Value, clock, past ? -1 : 1) is { } moment)
                {
                    return moment;
                }
                result.AddError($"{name} must be a time with its zone, like 2026-12-24T18:00:00Z, or {span}, like 30s, 10m, 6h, 2d.");
                return null;
            },
        };
    }

    private static DateTimeOffset? Read(string text, TimeProvider clock, int direction)
    {
        if (Span().Match(text) is { Success: true } span && long.TryParse(span.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var number))
        {
            var unit = span.Groups[2].Value switch
            {
                "s" => TimeSpan.FromSeconds(1),
                "m" => TimeSpan.FromMinutes(1),
                "h" => TimeSpan.FromHours(1),
                _ => TimeSpan.FromDays(1),
            };
            return clock.GetUtcNow() + (direction * number * unit);
        }
        return Zoned().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var moment) ? moment : null;
    }

    [GeneratedRegex("^([0-9]{1,6})([smhd])$", RegexOptions.CultureInvariant)]
    private static partial Regex Span();

    /// <summary>Without a zone it would mean another moment on another machine.</summary>
    [GeneratedRegex("T.*(Z|[+-][0-9]{2}:[0-9]{2})$", RegexOptions.CultureInvariant)]
    private static partial Regex Zoned();
}
