using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace PushFanout.Worker.Hosting;

/// <summary>The settings as tables in Markdown: name, default, what may be given, meaning. <c>docs/settings.md</c> holds them.</summary>
internal static class SettingsReference
{
    private const string Head = "| Setting | Default | May be | |\n|---|---|---|---|\n";

    public static string Write()
    {
        var page = new StringBuilder();
        var root = SettingsTree.Below(typeof(PushFanoutOptions)).ToList();
        page.Append("## Process\n\n").Append(Head);
        foreach (var node in root.Where(node => node.Section is null))
        {
            AppendRow(page, node);
        }
        foreach (var section in root.Where(node => node.Section is not null))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {section.Path}\n\n{section.About.Meaning}\n\n").Append(Head);
            foreach (var node in SettingsTree.ValuesBelow(section.Section!, section.Path + (section.IsNamed ? ":*:" : ":")))
            {
                AppendRow(page, node);
            }
        }
        return page.ToString();
    }

    private static void AppendRow(StringBuilder page, SettingNode node) =>
        page.Append(CultureInfo.InvariantCulture, $"| `{node.Path}` | {DefaultOf(node)} | {AllowedOf(node)} | {node.About.Meaning} |\n");

    private static string DefaultOf(SettingNode node)
    {
        var value = node.Property.GetValue(node.Owner);
        return node.About.Unset is { } unset ? unset
            : value is null or "" ? node.Property.IsDefined(typeof(RequiredAttribute)) ? "required" : ""
            : $"`{SettingText.Write(value)}`";
    }

    private static string AllowedOf(SettingNode node)
    {
        var type = Nullable.GetUnderlyingType(node.Property.PropertyType) ?? node.Property.PropertyType;
        return node.About.Allowed is { } allowed ? allowed
            : type.IsEnum ? string.Join(", ", SettingText.Words(type).Select(word => $"`{word}`"))
            : type == typeof(bool) ? "`true`, `false`"
            : node.Property.GetCustomAttribute<RangeAttribute>() is { } range ? $"{Bound(type, range.Minimum)}–{Bound(type, range.Maximum)}"
            : "";
    }

    private static string Bound(Type type, object bound) => type == typeof(TimeSpan)
        ? Short(TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture))
        : string.Format(CultureInfo.InvariantCulture, type == typeof(double) ? "{0}" : "{0:N0}", bound);

    private static string Short(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{time.Days} d",
        { TotalHours: >= 1 } => $"{time.Hours} h",
        { TotalMinutes: >= 1 } => $"{time.Minutes} min",
        { TotalSeconds: >= 1 } => $"{time.Seconds} s",
        _ => $"{time.Milliseconds} ms",
    };
}
