using System.CommandLine;
using System.CommandLine.Parsing;

namespace PushFanout.Cli;

/// <summary>An option whose values are the words of an enum, in lower case as JSON has them.</summary>
internal static class WordOption
{
    public static Option<T?> Create<T>(string name, string description, T otherwise) where T : struct, Enum
    {
        var words = Enum.GetValues<T>().ToDictionary(value => value.ToString().ToLowerInvariant());
        var option = new Option<T?>(name)
        {
            Description = $"{description} One of {string.Join(", ", words.Keys)}. Default: {otherwise.ToString().ToLowerInvariant()}.",
            HelpName = name.TrimStart('-').ToUpperInvariant(),
            CustomParser = result => Read(result, words, name),
        };
        option.CompletionSources.Clear(); // what the enum itself would offer is in another case
        option.CompletionSources.Add([.. words.Keys]);
        return option;
    }

    private static T? Read<T>(ArgumentResult result, Dictionary<string, T> words, string name) where T : struct, Enum
    {
        if (words.TryGetValue(result.Tokens[0].Value, out var value))
        {
            return value;
        }
        result.AddError($"{name} must be one of {string.Join(", ", words.Keys)}.");
        return null;
    }
}
