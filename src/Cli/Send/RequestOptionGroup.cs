using System.CommandLine;
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
    private readonly TokenOptionGroup _tokens = new("Devices");
    private readonly PayloadOptionGroup _payload = new();
    private readonly Option<Lane?> _lane = WordOption.Create("--lane", "Its place among other notifications.", Lane.Normal);
    private readonly Option<PushType?> _pushType = WordOption.Create("--push-type", "What kind of push it is.", PushType.Alert);
    private readonly Option<int?> _priority = new("--priority") { Description = "10, 5 or 1. Default: what the push type asks for.", HelpName = "N" };
    private readonly Option<string?> _collapseId = new("--collapse-id") { Description = "A later push with the same one replaces this one on the device.", HelpName = "ID" };
    private readonly Option<DateTimeOffset?> _notBefore = MomentOption.Create("--not-before", "Nothing is sent before.", TimeProvider.System);
    private readonly Option<DateTimeOffset?> _deadline = MomentOption.Create("--deadline", "Nothing is sent after. Default: the app's.", TimeProvider.System);
    private readonly Option<DateTimeOffset?> _expiration = MomentOption.Create("--expiration", "Until when APNs may keep it for a device that is offline.", TimeProvider.System);
    private readonly Option<bool> _noStore = new("--no-store") { Description = "APNs keeps nothing for devices that are offline." };
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
        _tokens.AddTo(command);
        _payload.AddTo(command);
        Option[] others =
        [
            _lane, _pushType, _priority, _collapseId, _notBefore, _deadline, _expiration, _noStore, _pushesPerSecond, _maxAudience, _dryRun, _id, _source, _reference,
        ];
        Array.ForEach(others, command.Add);
        command.Validators.Add(result =>
        {
            if (_tokens.ReadsInput(result) && _payload.ReadsInput(result))
            {
                result.AddError("Only one of --token and --payload can come from standard input.");
            }
        });
    }

    /// <returns>The request; null when there are <paramref name="faults"/>.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public async Task<NotificationRequested?> ReadAsync(ParseResult parsed, TimeProvider clock, List<ContractFault> faults, CancellationToken stop)
    {
        var payload = await _payload.ReadAsync(parsed, faults, stop);
        var tokens = await _tokens.ReadAsync(parsed, Audience.MaxMembers, stop); // too many is for the validator to say
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
                Tokens = tokens,
            },
            Payload = payload!, // null has its fault already
            Lane = parsed.GetValue(_lane) ?? Lane.Normal,
            PushType = parsed.GetValue(_pushType) ?? PushType.Alert,
            Priority = parsed.GetValue(_priority),
            CollapseId = parsed.GetValue(_collapseId),
            NotBefore = parsed.GetValue(_notBefore),
            Deadline = parsed.GetValue(_deadline),
            Expiration = parsed.GetValue(_expiration),
            StoreIfOffline = !parsed.GetValue(_noStore),
            PushesPerSecond = parsed.GetValue(_pushesPerSecond),
            MaxAudience = parsed.GetValue(_maxAudience),
            DryRun = parsed.GetValue(_dryRun),
            Source = parsed.GetValue(_source),
            Reference = parsed.GetValue(_reference),
        };
        faults.AddRange(NotificationRequestedValidator.Validate(request, new WorkerContext { Now = clock.GetUtcNow() })
            .Where(fault => payload is not null || fault.Field != PayloadOptionGroup.Field));
        if (tokens?.ToList() is { } given && given.FindIndex(token => !DeviceTokenText.IsWellFormed(token)) is >= 0 and var first)
        {
            // A worker counts them as malformed and sends to the others; whoever types them wants to know at once.
            faults.Add(new ContractFault(
                $"audience.tokens[{first}]", FaultCodes.InvalidToken,
                $"{Screen.Number(given.Count(token => !DeviceTokenText.IsWellFormed(token)))} of {Screen.Number(given.Count)} are no tokens, this one first: 1–{DeviceTokenText.MaxBytes} bytes in hex are needed."));
        }
        return faults.Count == 0 ? request : null;
    }

    private static string[]? Given(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) is { Length: > 0 } names ? names : null;

    private static Option<string[]> Names(string name, string description, string value) =>
        new(name) { Description = description + " May be repeated.", HelpName = value };
}
