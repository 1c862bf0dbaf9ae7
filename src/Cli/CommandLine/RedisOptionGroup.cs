using System.CommandLine;
using System.CommandLine.Parsing;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary>How a command is told where Redis is.</summary>
internal sealed class RedisOptionGroup
{
    private const string Variable = "PUSHFANOUT_REDIS";

    private readonly Option<string> _endpoints = new("--redis")
    {
        Description = $"Where Redis is; several nodes separated by commas. Default: the variable {Variable}.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string?> _passwordFile = new("--redis-password-file") { Description = "A file that holds the password and nothing else.", HelpName = "FILE" };
    private readonly Option<bool> _tls = new("--redis-tls") { Description = "Speaks TLS to Redis." };

    private readonly Option<string> _keyPrefix = new("--redis-key-prefix")
    {
        Description = "First word of every key, as the workers have it.",
        HelpName = "WORD",
    };

    /// <param name="defaultPrefix">What keys start with unless the command line says otherwise.</param>
    public RedisOptionGroup(string defaultPrefix = "pf") => _keyPrefix.DefaultValueFactory = _ => defaultPrefix;

    private static string? FromEnvironment => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : null;

    /// <param name="required">Whether the command can do nothing without a Redis.</param>
    public void AddTo(Command command, bool required = true)
    {
        _endpoints.Required = required && FromEnvironment is null;
        command.Add(_endpoints);
        command.Add(_passwordFile);
        command.Add(_tls);
        command.Add(_keyPrefix);
    }

    /// <summary>Whether the command line itself names Redis.</summary>
    public bool IsNamed(CommandResult result) => result.GetResult(_endpoints) is not null;

    /// <summary>For validators, which may not ask for a value that could not be read.</summary>
    public bool IsGiven(CommandResult result) => IsNamed(result) || FromEnvironment is not null;

    /// <exception cref="IOException">The password file cannot be used.</exception>
    public RedisConnectionOptions Read(ParseResult parsed) => new()
    {
        Endpoints = Find(parsed)!,
        Password = parsed.GetValue(_passwordFile) is { } file ? SecretText.Read(file).Reveal() : null,
        Tls = parsed.GetValue(_tls),
        KeyPrefix = parsed.GetRequiredValue(_keyPrefix),
    };

    /// <summary>The same as a worker's settings; nothing when no Redis is given.</summary>
    public void AddSettings(ParseResult parsed, IDictionary<string, string?> settings)
    {
        if (Find(parsed) is not { } endpoints)
        {
            return;
        }
        settings["PushFanout:Redis:Endpoints"] = endpoints;
        settings["PushFanout:Redis:PasswordFile"] = parsed.GetValue(_passwordFile);
        settings["PushFanout:Redis:Tls"] = parsed.GetValue(_tls) ? "true" : "false";
        settings["PushFanout:Redis:KeyPrefix"] = parsed.GetRequiredValue(_keyPrefix);
    }

    private string? Find(ParseResult parsed) => parsed.GetValue(_endpoints) ?? FromEnvironment;
}
