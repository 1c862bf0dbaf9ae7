using MassTransit;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Worker.Messaging;

/// <summary>Builds the MassTransit bus with one receive endpoint per queue, on RabbitMQ or in memory; the stages do not see which.</summary>
internal static class WorkerBus
{
    public static IBusControl OnRabbitMq(BrokerConnection broker, IReadOnlyList<StageEndpoint> endpoints, Func<StageEndpoint, StageFilter> filter, ILoggerFactory loggers)
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
                    Receive(receive, endpoint, filter(endpoint));
                });
            }
        });
    }

    public static IBusControl InMemory(IReadOnlyList<StageEndpoint> endpoints, Func<StageEndpoint, StageFilter> filter, ILoggerFactory loggers)
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
                    Receive(receive, endpoint, filter(endpoint));
                });
            }
        });
    }

    private static void Receive(IReceiveEndpointConfigurator receive, StageEndpoint endpoint, StageFilter filter)
    {
        receive.PrefetchCount = endpoint.Prefetch;
        receive.ConcurrentMessageLimit = endpoint.Slots;
        receive.ConfigureReceive(pipe => pipe.UseFilter(filter));
    }
}
