using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;

namespace PushFanout.Worker.Hosting;

/// <summary>How one value is written in the configuration, whatever file or variable it comes from.</summary>
internal static class SettingText
{
    /// <summary>Reads a value of the type.</summary>
    /// <returns>The value; null together with what was <paramref name="expected"/>.</returns>
    public static object? Parse(Type type, string text, out string expected)
    {
        expected = "";
        object? value;
        if (type == typeof(string))
        {
            return text;
        }
        if (type.IsEnum)
        {
            value = ParseWord(type, text);
            expected = $"one of {string.Join(", ", Words(type))}";
        }
        else if (type == typeof(bool))
        {
            value = bool.TryParse(text, out var truth) ? truth : null;
            expected = "true or false";
        }
        else if (type == typeof(int))
        {
            value = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
            expected = "a whole number";
        }
        else if (type == typeof(long))
        {
            value = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
            expected = "a whole number";
        }
        else if (type == typeof(double))
        {
            value = double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                ? number : null;
            expected = "a number such as 0.1";
        }
        else if (type == typeof(TimeSpan))
        {
            // A bare number would be read as days, which nobody means.
            value = text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;
            expected = "a time as hours:minutes:seconds, for example 00:00:10 or 3.00:00:00 for three days";
        }
        else if (type == typeof(Uri))
        {
            value = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri : null;
            expected = "an address with scheme and host";
        }
        else
        {
            throw new NotSupportedException($"There are no settings of type {type}.");
        }
        return value;
    }

    /// <summary>A value as it would be given.</summary>
    public static string Write(object value) => value switch
    {
        TimeSpan time => time.ToString(time.Ticks % TimeSpan.TicksPerSecond == 0 ? "c" : time.Days == 0 ? @"hh\:mm\:ss\.fff" : @"d\.hh\:mm\:ss\.fff", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        Enum word => string.Join(",", Fields(word.GetType()).Where(field => IsIn(word, (Enum)field.GetValue(null)!)).Select(Word)),
        IReadOnlyList<string> list => string.Join(",", list),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>The value of an enum as it is written; null when it is none.</summary>
    public static object? ParseWord(Type type, string text) =>
        Fields(type).FirstOrDefault(field => Word(field).Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))?.GetValue(null);

    /// <summary>Every word that stands for one value of the enum.</summary>
    public static IEnumerable<string> Words(Type type) => Fields(type).Select(Word);

    // None and All of a set of flags are not written: the one is a mistake, the other the default.
    private static IEnumerable<FieldInfo> Fields(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => !type.IsDefined(typeof(FlagsAttribute), false) || int.PopCount((int)field.GetRawConstantValue()!) == 1);

    private static bool IsIn(Enum value, Enum word) => value.GetType().IsDefined(typeof(FlagsAttribute), false) ? value.HasFlag(word) : value.Equals(word);

    private static string Word(FieldInfo field) =>
        field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? field.Name.ToLowerInvariant();
}
