using System.CommandLine;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Cli;

/// <summary>How a command is told where RabbitMQ is.</summary>
internal sealed class BrokerOptions
{
    private const string Variable = "PUSHFANOUT_RABBITMQ";

    private readonly Option<Uri> _uri = new("--rabbitmq")
    {
        Description = $"Where RabbitMQ is. Default: the variable {Variable}.",
        HelpName = "amqp://HOST/VHOST",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps")
            {
                return uri;
            }
            result.AddError("--rabbitmq must begin with amqp:// or amqps://."); // not the value: it may hold a password
            return null;
        },
    };

    private readonly Option<string?> _passwordFile = new("--rabbitmq-password-file")
    {
        Description = "A file that holds the password and nothing else; keeps it out of the process list.",
        HelpName = "FILE",
    };

    /// <param name="required">Whether the command can do nothing without a broker.</param>
    public void AddTo(Command command, bool required = true)
    {
        _uri.Required = required && FromEnvironment is null;
        command.Add(_uri);
        command.Add(_passwordFile);
    }

    public bool IsGiven(ParseResult parsed) => Find(parsed) is not null;

    /// <exception cref="IOException">The password file cannot be used.</exception>
    public BrokerConnection Read(ParseResult parsed) => new(
        Find(parsed)!, parsed.GetValue(_passwordFile) is { } file ? SecretText.Read(file).Reveal() : null);

    private static Uri? FromEnvironment => Uri.TryCreate(Environment.GetEnvironmentVariable(Variable), UriKind.Absolute, out var uri) ? uri : null;

    private Uri? Find(ParseResult parsed) => parsed.GetValue(_uri) ?? FromEnvironment;
}
