using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace PushFanout.Worker.Telemetry;

internal static class TelemetryServices
{
    /// <summary>Adds the worker's metrics and their export. Call it before anything else that is hosted: what starts first stops last.</summary>
    public static IServiceCollection AddWorkerTelemetry(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<FanoutMetrics>();
        services.AddSingleton<ApnsMetrics>();
        services.AddSingleton<QueueGauges>();
        services.AddSingleton<UnconfirmedPublishes>();
        services.AddSingleton<PrometheusExporter>();
        services.AddHostedService<WorkerTelemetry>();
        return services;
    }
}
