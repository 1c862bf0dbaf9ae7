using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushFanout.Testing;
using PushFanout.Worker.Hosting;

namespace PushFanout.Integration.Tests.Installation;

/// <summary>A whole worker in the test's own process, so that a test can look inside.</summary>
public sealed class InProcessWorker : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _disposed;

    private InProcessWorker(IHost host) => _host = host;

    /// <param name="shape">What the host gets beside the worker's own parts.</param>
    /// <param name="prepare">Called before anything is consumed.</param>
    public static async Task<InProcessWorker> StartAsync(IConfiguration configuration, Action<IHostApplicationBuilder>? shape = null, Action<InProcessWorker>? prepare = null)
    {
        var read = PushFanoutOptionsReader.Read(configuration);
        Assert.Empty(read.Faults);
        var worker = new InProcessWorker(WorkerHost.Build(read.Options!, configuration, shape));
        prepare?.Invoke(worker);
        await worker._host.StartAsync();
        await Eventually.TrueAsync(() => worker.Get<PipelineLifetime>().IsRunning, Eventually.Patience, "the worker consumes its queues");
        return worker;
    }

    internal T Get<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>As on SIGTERM.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Stops it, as a host does; a test may do so before its installation does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
        else
        {
            _host.Dispose();
        }
    }
}
