using System.CommandLine;
using System.Globalization;
using System.Text;
using PushFanout.Cli.Doctor;

namespace PushFanout.Cli;

/// <summary>The tree of commands as Markdown.</summary>
internal static class CommandReference
{
    private const string Program = "pushfanout";

    public static string Write(RootCommand root)
    {
        var page = new StringBuilder(ReferenceText.Head);
        foreach (var command in root.Subcommands)
        {
            WriteCommand(page, command, Program, level: 3);
        }
        page.Append(ReferenceText.BeforeFindings);
        foreach (var kind in FindingKinds.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{kind.Code}` | {NotificationSummary.Word(kind.Severity)} | {Cell(kind.Meaning)} | {Cell(kind.Fix)} |\n");
        }
        return page.ToString();
    }

    private static void WriteCommand(StringBuilder page, Command command, string path, int level)
    {
        if (command.Hidden)
        {
            return;
        }
        var name = $"{path} {command.Name}";
        page.Append(CultureInfo.InvariantCulture, $"\n{new string('#', level)} {name}\n\n{Text(command.Description)}\n");
        if (command.Action is not null)
        {
            var arguments = command.Arguments.Where(argument => !argument.Hidden).ToList();
            var usage = string.Concat(arguments.Select(argument => argument.Arity.MinimumNumberOfValues > 0 ? $" {Shown(argument)}" : $" [{Shown(argument)}]"));
            page.Append(CultureInfo.InvariantCulture, $"\n```\n{name}{usage}{(command.Options.Any(option => !option.Hidden) ? " [options]" : "")}\n```\n");
            if (arguments.Count + command.Options.Count > 0)
            {
                page.Append('\n');
            }
            foreach (var argument in arguments)
            {
                page.Append(CultureInfo.InvariantCulture, $"- `{Shown(argument)}` {Text(argument.Description)}\n");
            }
            foreach (var option in command.Options.Where(option => !option.Hidden))
            {
                page.Append(CultureInfo.InvariantCulture, $"- `{option.Name}{(option.HelpName is { } value ? $" {value}" : "")}`{(option.Required ? " (required)" : "")} {Text(option.Description)}{Default(option)}\n");
            }
        }
        foreach (var inner in command.Subcommands)
        {
            WriteCommand(page, inner, name, level + 1);
        }
    }

    private static string Shown(Argument argument) => argument.Name.ToUpperInvariant() + (argument.Arity.MaximumNumberOfValues > 1 ? "…" : "");

    private static string Default(Option option) => option switch
    {
        // A default that depends on the machine is told by the description.
        _ when option.ValueType == typeof(bool) || !option.HasDefaultValue || option.Description?.Contains("Default:", StringComparison.Ordinal) == true => "",
        _ when option.GetDefaultValue() is { } value and not Array => string.Create(CultureInfo.InvariantCulture, $" Default: {value}."),
        _ => "",
    };

    /// <summary>What stands in angle brackets would be taken for HTML.</summary>
    private static string Text(string? description) => (description ?? "").Replace("<", "\\<", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
