using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Hosting;

/// <summary>Puts a worker together from its options.</summary>
internal static class WorkerHost
{
    /// <summary>How long a stop may take: pushes under way get their answer, the rest goes back to the broker.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <param name="configuration">For logging; the worker's own settings are in <paramref name="options"/>.</param>
    /// <param name="shape">Called first: what it registers is kept where the worker would register a default.</param>
    public static IHost Build(PushFanoutOptions options, IConfiguration configuration, Action<IHostApplicationBuilder>? shape = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddConfiguration(configuration);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        shape?.Invoke(builder);
        AddWorker(builder.Services, options);
        return builder.Build();
    }

    /// <summary>Everything of a worker; a table of contents.</summary>
    public static void AddWorker(IServiceCollection services, PushFanoutOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Dispatch);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddMetrics();
        services.AddSingleton<FanoutMetrics>();
        services.AddSingleton<UnconfirmedPublishes>();
        services.AddApps(options);
        services.AddStore(options);
        services.AddMessaging(options);
        services.AddControl();
        services.AddIntake();
        services.AddExpansion();
        services.AddDispatch();
        services.AddFeedback();
        // Last, so that it stops first: consuming ends while everything that a batch under way needs is still there.
        services.AddSingleton<PipelineLifetime>();
        services.AddHostedService(provider => provider.GetRequiredService<PipelineLifetime>());
    }
}
