using System.CommandLine;

namespace PushFanout.Cli;

/// <summary>Which parked messages a command means: some by id, or all, or all from one queue.</summary>
internal sealed class ParkedSelection
{
    private readonly Argument<string[]> _ids = new("id") { Description = "Messages, as 'parked list' names them.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _all = new("--all") { Description = "All that are there when the command starts." };
    private readonly Option<string?> _from = new("--from") { Description = "With --all: only those from this queue.", HelpName = "QUEUE" };

    public void AddTo(Command command)
    {
        command.Add(_ids);
        command.Add(_all);
        command.Add(_from);
        command.Validators.Add(result =>
        {
            var (named, all) = (result.GetResult(_ids) is { Tokens.Count: > 0 }, result.GetResult(_all) is not null);
            if (named == all)
            {
                result.AddError("Either ids or --all is needed.");
            }
            else if (named && result.GetResult(_from) is not null)
            {
                result.AddError("--from goes with --all.");
            }
        });
    }

    /// <summary>Ids that are asked for by name, none twice.</summary>
    public HashSet<string> Ids(ParseResult parsed) => [.. parsed.GetValue(_ids) ?? []];

    public bool Means(ParseResult parsed, ParkedMessage message) =>
        parsed.GetValue(_all) ? parsed.GetValue(_from) is not { } queue || queue == message.From : Ids(parsed).Contains(message.Id);
}
