using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using PushFanout.Worker.Hosting;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>That <c>docs/settings.md</c> has every setting, and none that does not exist.</summary>
public sealed partial class SettingsDocumentTests
{
    [Fact]
    public void The_document_names_exactly_the_settings_that_a_worker_reads()
    {
        var documented = RepositoryFiles.Lines("docs/settings.md")
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Name().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value));

        Assert.Equal(SettingsOf(typeof(PushFanoutOptions), "").Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> SettingsOf(Type options, string prefix) => options.GetProperties()
        .Where(property => property.CanWrite)
        .SelectMany(property => SettingsOf(property, prefix + property.Name));

    private static IEnumerable<string> SettingsOf(PropertyInfo property, string path) =>
        typeof(IDictionary).IsAssignableFrom(property.PropertyType) ? SettingsOf(property.PropertyType.GetGenericArguments()[1], path + ":*:")
        : property.PropertyType.IsClass && property.PropertyType.Assembly == typeof(PushFanoutOptions).Assembly ? SettingsOf(property.PropertyType, path + ":")
        : [path];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
