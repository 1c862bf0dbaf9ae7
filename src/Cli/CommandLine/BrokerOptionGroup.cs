using System.CommandLine;
using System.CommandLine.Parsing;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Cli;

/// <summary>How a command is told where RabbitMQ is.</summary>
internal sealed class BrokerOptionGroup
{
    private const string Must = "must begin with amqp:// or amqps://.";
    private const string Variable = "PUSHFANOUT_RABBITMQ";

    private readonly Option<Uri> _uri = new("--rabbitmq")
    {
        Description = $"Where RabbitMQ is. Default: the variable {Variable}.",
        HelpName = "amqp://HOST/VHOST",
        CustomParser = result =>
        {
            if (Parse(result.Tokens[0].Value) is { } uri)
            {
                return uri;
            }
            result.AddError($"--rabbitmq {Must}"); // not the value: it may hold a password
            return null;
        },
    };

    private readonly Option<string?> _passwordFile = new("--rabbitmq-password-file")
    {
        Description = "A file that holds the password and nothing else; keeps it out of the process list.",
        HelpName = "FILE",
    };

    private static bool IsInEnvironment => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <param name="required">Whether the command can do nothing without a broker.</param>
    public void AddTo(Command command, bool required = true)
    {
        _uri.Required = required && !IsInEnvironment;
        command.Add(_uri);
        command.Add(_passwordFile);
    }

    /// <summary>Whether the command line itself names the broker.</summary>
    public bool IsNamed(CommandResult result) => result.GetResult(_uri) is not null;

    /// <summary>For validators, which may not ask for a value that could not be read.</summary>
    public bool IsGiven(CommandResult result) => IsNamed(result) || IsInEnvironment;

    /// <returns>Null when no broker is given.</returns>
    /// <exception cref="IOException">The password file cannot be used.</exception>
    public BrokerConnection? Read(ParseResult parsed) => Find(parsed) is { } uri
        ? new(uri, parsed.GetValue(_passwordFile) is { } file ? SecretText.Read(file).Reveal() : null)
        : null;

    /// <summary>The same as a worker's settings.</summary>
    public void AddSettings(ParseResult parsed, IDictionary<string, string?> settings)
    {
        if (Find(parsed) is { } uri)
        {
            settings["PushFanout:Transport"] = "rabbitmq";
            settings["PushFanout:RabbitMq:Uri"] = uri.OriginalString;
            settings["PushFanout:RabbitMq:PasswordFile"] = parsed.GetValue(_passwordFile);
        }
    }

    /// <exception cref="UsageException">The variable is no address.</exception>
    private Uri? Find(ParseResult parsed) => parsed.GetValue(_uri)
        ?? (IsInEnvironment ? Parse(Environment.GetEnvironmentVariable(Variable)!) ?? throw new UsageException($"The variable {Variable} {Must}") : null);

    private static Uri? Parse(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" ? uri : null;
}
