using System.CommandLine;
using System.Text;
using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>The JSON for the device: given as it is, from a file, or made of a title and a body.</summary>
internal sealed class PayloadOptionGroup
{
    /// <summary>The field of a request that this is about.</summary>
    public const string Field = "payload";
    private const string FileMark = "@";

    private readonly Option<string?> _payload = new("--payload") { Description = "The JSON for the device, or @FILE to read it from.", HelpName = "JSON|@FILE" };
    private readonly Option<string?> _title = new("--title") { Description = "The title of an alert, in place of --payload.", HelpName = "TEXT" };
    private readonly Option<string?> _body = new("--body") { Description = "The text of an alert, in place of --payload.", HelpName = "TEXT" };

    public void AddTo(Command command)
    {
        command.Add(_payload);
        command.Add(_title);
        command.Add(_body);
        command.Validators.Add(result =>
        {
            var isAlert = result.GetResult(_title) is not null || result.GetResult(_body) is not null;
            if (isAlert == result.GetResult(_payload) is not null)
            {
                result.AddError("Either --payload, or --title and --body or one of them, must be given.");
            }
        });
    }

    /// <returns>The payload; null when it is no JSON, with a fault that says where.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public PushPayload? Read(ParseResult parsed, List<ContractFault> faults)
    {
        if (parsed.GetValue(_payload) is not { } given)
        {
            return Alert(parsed.GetValue(_title), parsed.GetValue(_body));
        }
        var json = given.StartsWith(FileMark, StringComparison.Ordinal) ? File.ReadAllBytes(given[FileMark.Length..]) : Encoding.UTF8.GetBytes(given);
        if (PushPayload.TryParse(json, out var payload, out var fault))
        {
            return payload;
        }
        faults.Add(new ContractFault(Field, FaultCodes.InvalidPayload, $"It is {fault}."));
        return null;
    }

    private static PushPayload Alert(string? title, string? body)
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
        return PushPayload.FromObject(new { aps = new { alert } });
    }
}
