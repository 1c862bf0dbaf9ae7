using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Worker.Hosting;

/// <summary>Declares the topology before anything is consumed or published.</summary>
/// <param name="broker">Null with the in-memory transport, which makes what it needs.</param>
internal sealed class BrokerPreparation(BrokerConnection? broker, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (broker is not null)
        {
            await TopologyDeclaration.ApplyAsync(broker, cancellationToken).WaitAsync(Patience, clock, cancellationToken);
        }
    }
}
