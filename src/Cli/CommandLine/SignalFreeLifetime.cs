using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace PushFanout.Cli;

/// <summary>For a worker inside a command: signals go to the command (<see cref="StopSignals"/>), which stops the worker in its own order.</summary>
internal sealed class SignalFreeLifetime : IHostLifetime
{
    public static void Use(IHostApplicationBuilder builder) => builder.Services.AddSingleton<IHostLifetime, SignalFreeLifetime>();

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
