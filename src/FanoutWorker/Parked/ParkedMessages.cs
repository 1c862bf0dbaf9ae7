using PushFanout.Worker.Messaging;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Worker.Parked;

/// <summary>The parked queue for callers of this worker, one after the other: while one looks, the others would not see what it holds.</summary>
/// <param name="broker">Null with the in-memory transport, which has no such queue.</param>
internal sealed class ParkedMessages(BrokerConnection? broker) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1);

    public bool IsThere => broker is not null;

    /// <exception cref="BrokerUnavailableException">RabbitMQ does not answer, or too many want their turn; what was moved until then stays moved.</exception>
    public async Task<T> UseAsync<T>(Func<ParkedQueue, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            await _turn.WaitAsync(deadline.Token);
            try
            {
                await using var queue = await ParkedQueue.OpenAsync(broker!, deadline.Token)
                    ?? throw new BrokerUnavailableException($"There is no queue {QueueNames.Parked}.");
                return await use(queue, deadline.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (Exception failure) when (
            failure is BrokerUnreachableException or OperationInterruptedException or AlreadyClosedException or TimeoutException or IOException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new BrokerUnavailableException($"{QueueNames.Parked} cannot be used ({failure.GetType().Name})", failure);
        }
    }

    public void Dispose() => _turn.Dispose();
}
