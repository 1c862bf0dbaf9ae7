using System.CommandLine;
using System.CommandLine.Parsing;
using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>The options that make a request.</summary>
internal sealed class RequestOptionGroup
{
    private readonly Option<string> _app = new("--app") { Description = "The app, as the workers are configured.", HelpName = "NAME", Required = true };
    private readonly Option<string[]> _audience = Names("--audience", "Devices in any of these audiences; 'all' is everyone.", "NAME");
    private readonly Option<string[]> _allOf = Names("--all-of", "Only devices that are in every one of these audiences.", "NAME");
    private readonly Option<string[]> _noneOf = Names("--none-of", "No devices that are in one of these audiences.", "NAME");
    private readonly Option<string[]> _users = Names("--user", "All devices of these users.", "ID");
    private readonly Option<string?> _tokenFile = new("--token-file") { Description = "Devices by token: a file with one in hex on each line.", HelpName = "FILE" };
    private readonly PayloadOptionGroup _payload = new();
    private readonly Option<Lane> _lane = Word("--lane", "Its place among other notifications.", Lane.Normal);
    private readonly Option<PushType> _pushType = Word("--push-type", "What kind of push it is.", PushType.Alert);
    private readonly Option<int?> _priority = new("--priority") { Description = "10, 5 or 1. Default: what the push type asks for.", HelpName = "N" };
    private readonly Option<string?> _collapseId = new("--collapse-id") { Description = "A later push with the same one replaces this one on the device.", HelpName = "ID" };
    private readonly Option<int?> _pushesPerSecond = new("--pushes-per-second") { Description = "Not faster than this.", HelpName = "N" };
    private readonly Option<long?> _maxAudience = new("--max-audience") { Description = "With more devices than this nothing is sent.", HelpName = "N" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Everything but the sending: the audience is counted." };
    private readonly Option<Guid?> _id = new("--id") { Description = "Names the notification; publishing it again is harmless. Default: a new one.", HelpName = "UUID" };
    private readonly Option<string?> _source = new("--source") { Description = "Who asks; the last word of the routing key of the answers.", HelpName = "NAME" };
    private readonly Option<string?> _reference = new("--reference") { Description = "Comes back with the answers.", HelpName = "TEXT" };

    public void AddTo(Command command)
    {
        command.Add(_app);
        command.Add(_audience);
        command.Add(_allOf);
        command.Add(_noneOf);
        command.Add(_users);
        command.Add(_tokenFile);
        _payload.AddTo(command);
        command.Add(_lane);
        command.Add(_pushType);
        command.Add(_priority);
        command.Add(_collapseId);
        command.Add(_pushesPerSecond);
        command.Add(_maxAudience);
        command.Add(_dryRun);
        command.Add(_id);
        command.Add(_source);
        command.Add(_reference);
    }

    /// <returns>The request; null when there are <paramref name="faults"/>.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public NotificationRequested? Read(ParseResult parsed, TimeProvider clock, List<ContractFault> faults)
    {
        var payload = _payload.Read(parsed, faults);
        var request = new NotificationRequested
        {
            NotificationId = parsed.GetValue(_id) ?? Guid.CreateVersion7(clock.GetUtcNow()),
            App = parsed.GetRequiredValue(_app),
            Audience = new Audience
            {
                AnyOf = Given(parsed, _audience),
                AllOf = Given(parsed, _allOf),
                NoneOf = Given(parsed, _noneOf),
                Users = Given(parsed, _users),
                Tokens = parsed.GetValue(_tokenFile) is { } file ? ReadTokens(file) : null,
            },
            Payload = payload!, // null has its fault already
            Lane = parsed.GetValue(_lane),
            PushType = parsed.GetValue(_pushType),
            Priority = parsed.GetValue(_priority),
            CollapseId = parsed.GetValue(_collapseId),
            PushesPerSecond = parsed.GetValue(_pushesPerSecond),
            MaxAudience = parsed.GetValue(_maxAudience),
            DryRun = parsed.GetValue(_dryRun),
            Source = parsed.GetValue(_source),
            Reference = parsed.GetValue(_reference),
        };
        faults.AddRange(NotificationRequestedValidator.Validate(request, new WorkerContext { Now = clock.GetUtcNow() })
            .Where(fault => payload is not null || fault.Field != PayloadOptionGroup.Field));
        return faults.Count == 0 ? request : null;
    }

    private static string[]? Given(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) is { Length: > 0 } names ? names : null;

    /// <summary>One more than a request may have: the validator then says so.</summary>
    private static List<string> ReadTokens(string file) =>
        [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0).Take(Audience.MaxMembers + 1)];

    private static Option<string[]> Names(string name, string description, string value) =>
        new(name) { Description = description + " May be repeated.", HelpName = value };

    private static Option<T> Word<T>(string name, string description, T otherwise) where T : struct, Enum
    {
        var words = Enum.GetValues<T>().ToDictionary(value => value.ToString().ToLowerInvariant());
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = string.Join('|', words.Keys),
            DefaultValueFactory = _ => otherwise,
            CustomParser = result => ReadWord(result, words, name),
        };
        return option;
    }

    private static T ReadWord<T>(ArgumentResult result, Dictionary<string, T> words, string name) where T : struct, Enum
    {
        if (words.TryGetValue(result.Tokens[0].Value, out var value))
        {
            return value;
        }
        result.AddError($"{name} must be one of {string.Join(", ", words.Keys)}.");
        return default;
    }
}
