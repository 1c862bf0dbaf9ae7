using System.CommandLine;
using PushFanout.Worker.Parked;

namespace PushFanout.Cli;

/// <summary>Which parked messages a command means: some by id, or all, or all from one queue.</summary>
internal sealed class ParkedSelectionArguments
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

    public ParkedSelection Read(ParseResult parsed) => parsed.GetValue(_all)
        ? new ParkedSelection(Ids: null, parsed.GetValue(_from))
        : new ParkedSelection(parsed.GetValue(_ids)!.ToHashSet());
}
