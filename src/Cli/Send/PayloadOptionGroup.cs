using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>The JSON for the device: given as it is, from a file, or made of a title and a body.</summary>
internal sealed class PayloadOptionGroup
{
    /// <summary>The field of a request that this is about.</summary>
    public const string Field = "payload";
    private const string FileMark = "@";
    private const int MaxFileBytes = 256 * 1024;

    private readonly Option<string?> _payload = new("--payload") { Description = "The JSON for the device, or @FILE to read it from; @- is standard input.", HelpName = "JSON|@FILE" };
    private readonly Option<string?> _title = new("--title") { Description = "The title of an alert, in place of --payload.", HelpName = "TEXT" };
    private readonly Option<string?> _body = new("--body") { Description = "The text of an alert, in place of --payload.", HelpName = "TEXT" };
    private readonly Option<string?> _sound = new("--sound") { Description = "The sound of an alert with --title or --body, for example default.", HelpName = "NAME" };
    private readonly Option<int?> _badge = new("--badge") { Description = "The number on the app's icon, with --title or --body.", HelpName = "N" };

    public void AddTo(Command command)
    {
        command.Add(_payload);
        command.Add(_title);
        command.Add(_body);
        command.Add(_sound);
        command.Add(_badge);
        command.Validators.Add(result =>
        {
            var isAlert = result.GetResult(_title) is not null || result.GetResult(_body) is not null;
            if (isAlert == result.GetResult(_payload) is not null)
            {
                result.AddError("Either --payload, or --title and --body or one of them, must be given.");
            }
            else if (!isAlert && (result.GetResult(_sound) is not null || result.GetResult(_badge) is not null))
            {
                result.AddError("--sound and --badge go with --title or --body; a --payload has its own.");
            }
        });
    }

    /// <summary>Whether standard input is asked for.</summary>
    public bool ReadsInput(CommandResult result) => result.GetResult(_payload)?.Tokens is [{ Value: FileMark + ProgramStreams.InputName }];

    /// <returns>The payload; null when it is no JSON, with a fault that says where.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<PushPayload?> ReadAsync(ParseResult parsed, List<ContractFault> faults, CancellationToken stop)
    {
        if (parsed.GetValue(_payload) is not { } given)
        {
            return Alert(parsed.GetValue(_title), parsed.GetValue(_body), parsed.GetValue(_sound), parsed.GetValue(_badge));
        }
        var json = given.StartsWith(FileMark, StringComparison.Ordinal) ? await ReadFileAsync(parsed, given[FileMark.Length..], stop) : Encoding.UTF8.GetBytes(given);
        if (PushPayload.TryParse(json, out var payload, out var fault))
        {
            return payload;
        }
        faults.Add(new ContractFault(Field, FaultCodes.InvalidPayload, $"It is {fault}."));
        return null;
    }

    private static async Task<byte[]> ReadFileAsync(ParseResult parsed, string file, CancellationToken stop)
    {
        await using var stream = ProgramStreams.Open(parsed, file);
        var content = new byte[MaxFileBytes + 1];
        var length = await stream.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, stop);
        return length <= MaxFileBytes ? content[..length] : throw new InvalidDataException($"{Field}: The file has more than {MaxFileBytes} bytes.");
    }

    private static PushPayload Alert(string? title, string? body, string? sound, int? badge)
    {
        var alert = new Dictionary<string, string>();
        if (title is not null)
        {
            alert["title"] = title;
        }
        if (body is not null)
        {
            alert["body"] = body;
        }
        var aps = new Dictionary<string, object> { ["alert"] = alert };
        if (sound is not null)
        {
            aps["sound"] = sound;
        }
        if (badge is { } number)
        {
            aps["badge"] = number;
        }
        return PushPayload.FromObject(new { aps });
    }
}
