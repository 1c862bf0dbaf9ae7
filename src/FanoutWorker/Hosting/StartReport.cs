using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PushFanout.Worker.Hosting;

/// <summary>
/// One screen at start: what this worker is and what it will work with, so that a wrong environment or key id is seen before it matters. The whole
/// configuration is what <c>pushfanout worker --print-config</c> prints.
/// </summary>
internal sealed partial class StartReport(PushFanoutOptions options, AppCatalog apps, CredentialSet credentials, IServiceProvider services, ILogger<StartReport> logger)
    : IHostedLifecycleService
{
    /// <summary>More apps do not fit a screen.</summary>
    private const int MostApps = 20;

    /// <summary>The version of this build.</summary>
    public static string Version { get; } =
        typeof(StartReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Begins(logger, Version, SettingText.Write(options.Roles), Environment.MachineName, Environment.ProcessorCount);
        if (options.Transport == Transport.RabbitMq)
        {
            var uri = options.RabbitMq.Uri;
            Broker(logger, uri.Scheme, options.RabbitMq.Hosts is { } hosts ? $"{uri.Authority},{hosts}" : uri.Authority, uri.AbsolutePath, options.RabbitMq.ReadLogin().User);
        }
        else
        {
            NoBroker(logger);
        }
        if (options.Redis is { } redis)
        {
            Store(logger, redis.Endpoints, redis.KeyPrefix, redis.Tls ? "TLS" : "no TLS", redis.PasswordFile is null ? "no password" : "a password");
        }
        else
        {
            NoStore(logger);
        }
        var served = apps.All.OrderBy(app => app.Name, StringComparer.Ordinal).ToList();
        foreach (var app in served.Take(MostApps))
        {
            Serves(logger, app.Name, app.Options.Topic, SettingText.Write(app.Options.Environment!), credentials.ByName[app.Options.Credential].ToString()!, LimitsOf(app.Options));
        }
        if (served.Count > MostApps)
        {
            MoreApps(logger, served.Count - MostApps);
        }
        Approaches(
            logger, options.Apns.EndpointOverride?.Authority ?? "Apple", options.Apns.MaxConnectionsPerApp, options.Apns.AnswerTimeout, options.Dispatch.MaxAttempts);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>() is { } listening)
        {
            Listens(logger, string.Join(", ", listening.Addresses), options.Http.ApiKeyFile is null ? "without a key, for this machine" : "with the API key");
        }
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string LimitsOf(AppOptions app) =>
        $"{(app.PushesPerSecond is { } rate ? $"{rate} pushes/s" : "no rate limit")}, {(app.MaxAudience is { } most ? $"audience at most {most}" : "any audience")}, {app.Shards} shards";

    [LoggerMessage(9010, LogLevel.Information, "PushFanout {Version}: {Roles} on {Machine}, {Cores} cores")]
    private static partial void Begins(ILogger logger, string version, string roles, string machine, int cores);

    [LoggerMessage(9011, LogLevel.Information, "RabbitMQ {Scheme}://{Hosts}{VirtualHost} as {User}")]
    private static partial void Broker(ILogger logger, string scheme, string hosts, string virtualHost, string user);

    [LoggerMessage(9012, LogLevel.Information, "Messages in memory: what is under way is lost when this process ends")]
    private static partial void NoBroker(ILogger logger);

    [LoggerMessage(9013, LogLevel.Information, "Redis {Endpoints}, keys {Prefix}:…, {Tls}, {Password}")]
    private static partial void Store(ILogger logger, string endpoints, string prefix, string tls, string password);

    [LoggerMessage(9014, LogLevel.Information, "Devices and books in memory: they are lost when this process ends")]
    private static partial void NoStore(ILogger logger);

    [LoggerMessage(9015, LogLevel.Information, "App {App}: {Topic}, {Environment}, {Credential}; {Limits}")]
    private static partial void Serves(ILogger logger, string app, string topic, string environment, string credential, string limits);

    [LoggerMessage(9016, LogLevel.Information, "and {More} apps more")]
    private static partial void MoreApps(ILogger logger, int more);

    [LoggerMessage(9017, LogLevel.Information, "APNs: {Endpoint}, {Connections} connections per app, {Timeout} for an answer, {Attempts} attempts")]
    private static partial void Approaches(ILogger logger, string endpoint, int connections, TimeSpan timeout, int attempts);

    [LoggerMessage(9018, LogLevel.Information, "HTTP API at {Urls}, {Access}")]
    private static partial void Listens(ILogger logger, string urls, string access);
}
