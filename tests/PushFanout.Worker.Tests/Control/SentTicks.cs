using MassTransit;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Tests.Control;

/// <summary>The ticks that a worker has sent and nobody has been handed yet, as the broker holds them.</summary>
internal sealed class SentTicks : ISendObserver
{
    private readonly Lock _lock = new();
    private readonly List<NotificationTick> _waiting = [];

    /// <summary>The broker has the message, and who sent it is told that it did not confirm.</summary>
    public bool ConfirmTooLate { get; set; }

    /// <summary>Nothing reaches the broker.</summary>
    public bool Away { get; set; }

    public IReadOnlyList<NotificationTick> Waiting
    {
        get
        {
            lock (_lock)
            {
                return [.. _waiting];
            }
        }
    }

    public IReadOnlyList<NotificationTick> TakeAll()
    {
        lock (_lock)
        {
            NotificationTick[] taken = [.. _waiting];
            _waiting.Clear();
            return taken;
        }
    }

    public Task PreSend<T>(SendContext<T> context) where T : class => Away ? throw new TimeoutException() : Task.CompletedTask;

    public Task PostSend<T>(SendContext<T> context) where T : class
    {
        if (context.Message is not OutgoingBody sent || WorkMessageFormat.TryRead(sent.Bytes, out var message) != WorkMessageFormat.ReadProblem.None || message is not NotificationTick tick)
        {
            return Task.CompletedTask;
        }
        lock (_lock)
        {
            _waiting.Add(tick);
        }
        return ConfirmTooLate ? throw new TimeoutException() : Task.CompletedTask;
    }

    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;
}
