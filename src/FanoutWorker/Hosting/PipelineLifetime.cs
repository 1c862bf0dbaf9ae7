using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.TokenCache;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Worker.Hosting;

/// <summary>
/// Brings the pipeline up in order (store, topology, consumers) and takes it down in the opposite order. A broker or Redis that is
/// not there yet is waited for; one that cannot work for us (wrong queue arguments, wrong shard count) ends the start with the reason.
/// </summary>
internal sealed partial class PipelineLifetime(
    IServiceProvider services, StorePreparation store, BrokerPreparation broker, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<PipelineLifetime> logger)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan PauseBetweenAttempts = TimeSpan.FromSeconds(2);
    /// <summary>The broker has just taken the declarations: consuming from it takes seconds.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(25);

    private readonly CancellationTokenSource _stopping = new();
    private IBusControl? _bus;
    private Task _starting = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    /// <summary>Whether this process consumes its queues.</summary>
    public bool IsRunning => _bus is not null;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // The first attempt is part of the start, so that a fault that only an operator can mend ends it; what may pass is waited for behind it.
        if (!await TryStartAsync(cancellationToken))
        {
            _starting = RetryAsync();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _starting;
        if (_bus is not null)
        {
            await _bus.StopAsync(StopTimeout);
        }
        await _watching;
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RetryAsync()
    {
        try
        {
            do
            {
                await Task.Delay(PauseBetweenAttempts, clock, _stopping.Token);
            }
            while (!await TryStartAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped before anything was there: nothing was started, nothing is to be stopped.
        }
        catch (Exception unusable) when (unusable is TopologyConflictException or ShardCountMismatchException or TokenCache.Redis.UnsuitableRedisException)
        {
            Unusable(logger, unusable.Message);
            Environment.ExitCode = ExitCodes.Configuration;
            lifetime.StopApplication();
        }
        catch (OperationInterruptedException refused)
        {
            End($"RabbitMQ refuses: {refused.ShutdownReason?.ReplyText}");
        }
        catch (Exception unexpected)
        {
            End($"the start failed with {unexpected.GetType().Name}");
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            await services.GetRequiredService<ConsumerWatch>().RunAsync(_stopping.Token);
        }
        catch (Exception unexpected)
        {
            End($"the watch over the consumers failed with {unexpected.GetType().Name}");
        }
    }

    /// <summary>A worker that is alive and does nothing is worse than none: its supervisor starts another.</summary>
    private void End(string why)
    {
        Unusable(logger, why);
        Environment.ExitCode = ExitCodes.Failure;
        lifetime.StopApplication();
    }

    private async Task<bool> TryStartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.PrepareAsync(cancellationToken);
            await broker.PrepareAsync(cancellationToken);
        }
        catch (Exception away) when (away is TokenCacheUnavailableException || (TopologyDeclaration.MayPass(away) && !cancellationToken.IsCancellationRequested))
        {
            Waiting(logger, away is TokenCacheUnavailableException ? "Redis" : "RabbitMQ", away.Message);
            return false;
        }
        var bus = services.GetRequiredService<IBusControl>();
        await bus.StartAsync(cancellationToken).WaitAsync(StartTimeout, clock, cancellationToken);
        _bus = bus;
        _watching = WatchAsync();
        Ready(logger);
        return true;
    }

    [LoggerMessage(9000, LogLevel.Information, "Ready: consuming")]
    private static partial void Ready(ILogger logger);

    [LoggerMessage(9001, LogLevel.Warning, "Waiting for {Server}: {Failure}")]
    private static partial void Waiting(ILogger logger, string server, string failure);

    [LoggerMessage(9002, LogLevel.Critical, "Cannot work with what is there: {Reason}")]
    private static partial void Unusable(ILogger logger, string reason);
}
