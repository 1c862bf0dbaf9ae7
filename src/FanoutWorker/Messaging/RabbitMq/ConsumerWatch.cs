using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Messaging.RabbitMq;

/// <summary>
/// Looks whether the queues of this worker are consumed, over a connection of its own. MassTransit connects again by itself, but lets
/// each endpoint rest up to 30 s between two attempts, and gives one up for good after a failure that it does not know. So an endpoint that is
/// not consuming while the broker answers is started anew, and when that does not help the process ends, for its supervisor to start it again.
/// </summary>
/// <param name="broker">Null with the in-memory transport, where nothing is to be watched.</param>
internal sealed partial class ConsumerWatch(
    BrokerConnection? broker, IBusControl bus, FanoutMetrics metrics, QueueGauges gauges, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<ConsumerWatch> logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    /// <summary>Looks without a consumer before its endpoint is started anew: MassTransit may be about to do so.</summary>
    private const int LooksBeforeRestart = 2;

    /// <summary>Looks without a consumer before the process ends: two minutes of a broker that answers.</summary>
    private const int LooksBeforeEnd = 30;

    private readonly Dictionary<string, int> _missed = [];

    /// <summary>Watches until <paramref name="stopping"/> fires. The bus is running.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (broker is null)
        {
            return;
        }
        await using var view = new QueueView(broker, clock);
        using var timer = new PeriodicTimer(LookEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await LookAsync(view, stopping);
                // A question of its own: a queue that somebody deleted must not blind the watch for those that are to be consumed.
                gauges.Show(await view.ReadAsync(Topology.Queues.Select(queue => queue.Name), stopping));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The worker stops, and the bus next.
        }
    }

    private async Task LookAsync(QueueView view, CancellationToken stopping)
    {
        var endpoints = bus.CheckHealth().Endpoints.Values
            .Select(health => (Queue: health.InputAddress.Segments[^1], health.Status, Endpoint: health.ReceiveEndpoint))
            .Where(endpoint => QueueNames.Returning.Contains(endpoint.Queue)).ToList();
        if (await view.ReadAsync(endpoints.Select(endpoint => endpoint.Queue), stopping) is not { } counts)
        {
            _missed.Clear(); // away, and no endpoint's fault
            return;
        }
        List<Task> restarts = [];
        foreach (var (queue, status, endpoint) in endpoints)
        {
            if (status == BusHealthStatus.Healthy && counts[queue].Consumers > 0)
            {
                _missed.Remove(queue);
                continue;
            }
            var missed = _missed[queue] = _missed.GetValueOrDefault(queue) + 1;
            if (missed >= LooksBeforeEnd)
            {
                End(queue);
                return;
            }
            // At 2, 4, 8 and 16 looks: on a broker that is slow, a start needs longer than from one look to the next.
            if (missed >= LooksBeforeRestart && int.IsPow2(missed))
            {
                restarts.Add(RestartAsync(queue, endpoint, stopping));
            }
        }
        await Task.WhenAll(restarts);
    }

    private async Task RestartAsync(string queue, IReceiveEndpoint endpoint, CancellationToken stopping)
    {
        metrics.ConsumerRestarted(queue);
        ConsumerRestarted(logger, queue);
        try
        {
            var stopped = endpoint.Stop(stopping);
            if (await Task.WhenAny(stopped, Task.Delay(StopPatience, clock, stopping)) != stopped)
            {
                // Deliveries in hand keep it; the other queues do not wait for that.
                _ = stopped.ContinueWith(_ => endpoint.Start(stopping), stopping, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
                return;
            }
            await stopped;
            endpoint.Start(stopping);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            // Whatever keeps it from starting: the next look sees it, and in the end the process goes.
            NotRestarted(logger, queue, failure.GetType().Name, failure.Message);
        }
    }

    private void End(string queue)
    {
        NotConsumed(logger, queue, LooksBeforeEnd * LookEvery.TotalSeconds);
        Environment.ExitCode = ExitCodes.Failure;
        lifetime.StopApplication();
    }

    [LoggerMessage(1010, LogLevel.Warning, "{Queue}: not consumed although RabbitMQ answers; its consumer is started anew")]
    private static partial void ConsumerRestarted(ILogger logger, string queue);

    [LoggerMessage(1011, LogLevel.Warning, "{Queue}: its consumer did not start: {ExceptionType}: {Failure}")]
    private static partial void NotRestarted(ILogger logger, string queue, string exceptionType, string failure);

    [LoggerMessage(1012, LogLevel.Critical, "{Queue}: not consumed for {Seconds} s although RabbitMQ answers. This process ends, to be started again")]
    private static partial void NotConsumed(ILogger logger, string queue, double seconds);
}
