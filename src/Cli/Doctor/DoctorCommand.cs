using System.CommandLine;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Cli.Doctor;

/// <summary><c>pushfanout doctor</c>: everything that a worker needs, looked at from where it runs, with a fix for what is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var config = new ConfigOption();
        var broker = new BrokerOptionGroup();
        var redis = new RedisOptionGroup();
        var noApns = new Option<bool>("--no-apns") { Description = "Does not ask APNs. Otherwise each app's credential and topic are tried by a push to a token that no device has." };
        var json = JsonOption.Create();
        var command = new Command(
            "doctor",
            "Looks at settings, credentials, RabbitMQ, Redis, the clock and APNs as a worker would use them, changes nothing, and names a fix for each finding. "
            + "Ends with 1 when there is a fault, with 0 when there are warnings only.")
        {
            noApns,
            json,
        };
        config.AddTo(command);
        broker.AddTo(command, required: false);
        redis.AddTo(command, required: false);
        command.SetAction(async (parsed, stop) =>
        {
            var examination = new Examination();
            var clock = TimeProvider.System;
            var configuration = config.Read(parsed);
            // Servers by themselves can be looked at without a worker's settings.
            var onlyServers = !ConfigOption.IsGiven(configuration) && (broker.IsGiven(parsed.CommandResult) || redis.IsGiven(parsed.CommandResult));
            var options = onlyServers ? new PushFanoutOptions { Transport = Transport.InMemory } : SettingsExamination.Run(configuration, examination);
            using var credentials = new CredentialExamination(options.Credentials, clock).Run(examination);
            if ((broker.Read(parsed) ?? BrokerOf(options)) is { } connection)
            {
                await new RabbitMqExamination(connection).RunAsync(examination, stop);
            }
            if ((redis.IsGiven(parsed.CommandResult) ? redis.Read(parsed) : RedisOf(options)) is { } store)
            {
                await new RedisExamination(store, options.Apps.ToDictionary(app => app.Key, app => app.Value.Shards), clock).RunAsync(examination, stop);
            }
            if (!parsed.GetValue(noApns))
            {
                await new ApnsExamination(options, credentials, clock).RunAsync(examination, stop);
            }
            DoctorReport.Write(new Screen(parsed.InvocationConfiguration.Output, clock), examination, parsed.GetValue(json));
            return examination.HasFault ? ExitCodes.Failure : ExitCodes.Success;
        });
        return command;
    }

    private static BrokerConnection? BrokerOf(PushFanoutOptions options) => options.Transport == Transport.RabbitMq
        && Password(options.RabbitMq.PasswordFile) is (true, var password)
            ? new BrokerConnection(options.RabbitMq.Uri, password, options.RabbitMq.Hosts)
            : null;

    private static RedisConnectionOptions? RedisOf(PushFanoutOptions options) => options.Redis is { } redis
        && Password(redis.PasswordFile) is (true, var password)
            ? new RedisConnectionOptions { Endpoints = redis.Endpoints, Password = password, Tls = redis.Tls, KeyPrefix = redis.KeyPrefix, Timeout = redis.Timeout }
            : null;

    /// <summary>A file that cannot be read has its finding, and nothing is tried without the password.</summary>
    private static (bool IsKnown, string? Password) Password(string? file)
    {
        if (file is null)
        {
            return (true, null);
        }
        return SecretText.TryRead(file, out _) is { } secret ? (true, secret.Reveal()) : (false, null);
    }
}
