using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Http;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Hosting;

/// <summary>Puts a worker together from its options. With the role http it listens; without, no port is opened.</summary>
internal static class WorkerHost
{
    /// <summary>How long a stop may take: pushes under way get their answer, the rest goes back to the broker.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <param name="configuration">For logging and <c>OTEL_*</c>; the worker's own settings are in <paramref name="options"/>.</param>
    /// <param name="shape">Called first: what it registers is kept where the worker would register a default.</param>
    public static IHost Build(PushFanoutOptions options, IConfiguration configuration, Action<IHostApplicationBuilder>? shape = null)
    {
        if (!options.Roles.HasFlag(Roles.Http))
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            AddWorker(builder, options, configuration, shape);
            return builder.Build();
        }
        var web = WebApplication.CreateSlimBuilder();
        AddWorker(web, options, configuration, shape);
        web.AddWorkerHttp(options);
        var application = web.Build();
        application.MapWorkerHttp();
        return application;
    }

    private static void AddWorker(IHostApplicationBuilder builder, PushFanoutOptions options, IConfiguration configuration, Action<IHostApplicationBuilder>? shape)
    {
        builder.Configuration.AddInMemoryCollection(configuration.AsEnumerable()); // not chained: a setting written to a chained empty one throws
        builder.Logging.ClearProviders();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        shape?.Invoke(builder);
        AddPipeline(builder.Services, options);
    }

    /// <summary>Everything of a worker but its HTTP server; a table of contents.</summary>
    private static void AddPipeline(IServiceCollection services, PushFanoutOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Dispatch);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddWorkerTelemetry();
        services.AddHostedService<StartReport>();
        services.AddApps(options);
        services.AddStore(options);
        services.AddMessaging(options);
        services.AddBrakes(options);
        services.AddControl();
        services.AddIntake();
        services.AddExpansion();
        services.AddDispatch(options);
        services.AddFeedback();
        services.AddHostedService<SharedState>();
        // Last, so that it stops first: consuming ends while everything that a batch under way needs is still there.
        services.AddSingleton<PipelineLifetime>();
        services.AddHostedService(provider => provider.GetRequiredService<PipelineLifetime>());
    }
}
