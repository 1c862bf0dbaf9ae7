using System.CommandLine;
using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>The devices that a command means, by audiences.</summary>
internal sealed class AudienceOptionGroup
{
    private readonly Option<string[]> _anyOf = Names("--audience", "Only devices in any of these audiences.");
    private readonly Option<string[]> _allOf = Names("--all-of", "Only devices that are in every one of these audiences.");
    private readonly Option<string[]> _noneOf = Names("--none-of", "No devices that are in one of these audiences.");

    public void AddTo(Command command)
    {
        command.Add(_anyOf);
        command.Add(_allOf);
        command.Add(_noneOf);
    }

    /// <returns>Null when nothing is given.</returns>
    public AudienceExpression? Read(ParseResult parsed)
    {
        var (anyOf, allOf, noneOf) = (parsed.GetValue(_anyOf) ?? [], parsed.GetValue(_allOf) ?? [], parsed.GetValue(_noneOf) ?? []);
        if (anyOf.Length + allOf.Length + noneOf.Length == 0)
        {
            return null;
        }
        return new AudienceExpression(anyOf.Length + allOf.Length == 0 ? [ContractNames.AllAudience] : anyOf, allOf, noneOf, [], []);
    }

    private static Option<string[]> Names(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description + " May be repeated.", HelpName = "NAME" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !ContractNames.IsAudience(token.Value)))
            {
                result.AddError($"{name} must be 1–64 lower-case letters, digits, '.', '_' and '-'.");
            }
        });
        return option;
    }
}
