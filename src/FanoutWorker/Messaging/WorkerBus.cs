using MassTransit;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Worker.Messaging;

/// <summary>Builds the MassTransit bus with one receive endpoint per queue, on RabbitMQ or in memory; the stages do not see which.</summary>
internal static class WorkerBus
{
    /// <param name="filters">What a delivery passes between the broker and its stage, outermost first, the stage's own last: each sees it before and after, and before its ack.</param>
    public static IBusControl OnRabbitMq(BrokerConnection broker, IReadOnlyList<StageEndpoint> endpoints, Func<StageEndpoint, IEnumerable<IFilter<ReceiveContext>>> filters, ILoggerFactory loggers)
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        return Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(broker.Uri.Host, (ushort)broker.Port, broker.VirtualHost, "pushfanout worker", host =>
            {
                host.Username(broker.User);
                host.Password(broker.EffectivePassword);
                host.Heartbeat(BrokerConnection.Heartbeat);
                host.PublisherConfirmation = true;
                host.RequestedConnectionTimeout(BrokerConnection.ConnectTimeout);
                host.ContinuationTimeout(BrokerConnection.ConnectTimeout);
                if (broker.Tls)
                {
                    host.UseSsl(ssl => ssl.ServerName = broker.Uri.Host);
                }
                if (broker.OtherHosts is not null)
                {
                    host.UseCluster(cluster =>
                    {
                        foreach (var node in broker.Nodes)
                        {
                            cluster.Node($"{node.HostName}:{node.Port}");
                        }
                    });
                }
            });
            bus.UseInstrumentation();
            foreach (var endpoint in endpoints)
            {
                bus.ReceiveEndpoint(endpoint.Queue, receive =>
                {
                    receive.ConfigureConsumeTopology = false;
                    foreach (var (argument, value) in Topology.WorkArguments)
                    {
                        receive.SetQueueArgument(argument, value!);
                    }
                    Receive(receive, endpoint, filters(endpoint));
                });
            }
        });
    }

    /// <inheritdoc cref="OnRabbitMq"/>
    public static IBusControl InMemory(IReadOnlyList<StageEndpoint> endpoints, Func<StageEndpoint, IEnumerable<IFilter<ReceiveContext>>> filters, ILoggerFactory loggers)
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        return Bus.Factory.CreateUsingInMemory(bus =>
        {
            bus.UseInstrumentation();
            foreach (var endpoint in endpoints)
            {
                bus.ReceiveEndpoint(endpoint.Queue, receive =>
                {
                    receive.ConfigureConsumeTopology = false;
                    foreach (var exchange in endpoint.AlsoFrom ?? [])
                    {
                        receive.Bind(exchange, MassTransit.Transports.Fabric.ExchangeType.FanOut);
                    }
                    Receive(receive, endpoint, filters(endpoint));
                });
            }
        });
    }

    private static void Receive(IReceiveEndpointConfigurator receive, StageEndpoint endpoint, IEnumerable<IFilter<ReceiveContext>> filters)
    {
        receive.PrefetchCount = endpoint.Prefetch;
        receive.ConcurrentMessageLimit = endpoint.Slots;
        receive.ConfigureReceive(pipe =>
        {
            foreach (var filter in filters)
            {
                pipe.UseFilter(filter);
            }
        });
    }
}
