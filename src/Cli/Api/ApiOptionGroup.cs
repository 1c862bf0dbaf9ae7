using System.CommandLine;
using System.CommandLine.Parsing;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary>How a command is told where a worker's HTTP API is.</summary>
internal sealed class ApiOptionGroup
{
    private const string Variable = "PUSHFANOUT_URL";

    private readonly Option<Uri> _url = new("--url")
    {
        Description = $"Where a worker's HTTP API is, for example http://127.0.0.1:8080. Default: the variable {Variable}.",
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            {
                return url;
            }
            result.AddError("--url must begin with http:// or https://.");
            return null;
        },
    };

    private readonly Option<string?> _keyFile = new("--api-key-file") { Description = "A file that holds the API key and nothing else.", HelpName = "FILE" };

    private static Uri? FromEnvironment => Uri.TryCreate(Environment.GetEnvironmentVariable(Variable), UriKind.Absolute, out var url) ? url : null;

    /// <param name="required">Whether the command can do nothing without the API.</param>
    public void AddTo(Command command, bool required = true)
    {
        _url.Required = required && FromEnvironment is null;
        command.Add(_url);
        command.Add(_keyFile);
    }

    /// <summary>Whether the command line itself names the API.</summary>
    public bool IsNamed(CommandResult result) => result.GetResult(_url) is not null;

    /// <summary>For validators, which may not ask for a value that could not be read.</summary>
    public bool IsGiven(CommandResult result) => IsNamed(result) || FromEnvironment is not null;

    /// <exception cref="IOException">The key file cannot be used.</exception>
    public WorkerApi Open(ParseResult parsed) =>
        new(Find(parsed)!, parsed.GetValue(_keyFile) is { } file ? SecretText.Read(file) : null);

    private Uri? Find(ParseResult parsed) => parsed.GetValue(_url) ?? FromEnvironment;
}
