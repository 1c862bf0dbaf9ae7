using PushFanout.Contracts;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Control;

/// <summary>Reads the control queue: what operators ask for, and the worker's own ticks.</summary>
internal sealed class ControlConsumer(NotificationSteering steering, TickConsumer ticks)
{
    public async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken stopping)
    {
        if (message.ContentType == ContentTypes.Work.MediaType)
        {
            return await ticks.HandleAsync(message, stopping);
        }
        var read = NotificationControlReader.Read(IncomingJson.Of(message));
        if (read.Message is not { } control)
        {
            return Disposition.Park(IncomingJson.WhyNot(read));
        }
        var action = control.Action switch
        {
            Contracts.ControlAction.Pause => Ledger.ControlAction.Pause,
            Contracts.ControlAction.Resume => Ledger.ControlAction.Resume,
            Contracts.ControlAction.Cancel => Ledger.ControlAction.Cancel,
            _ => throw new ArgumentOutOfRangeException(nameof(message), control.Action, null),
        };
        await steering.ApplyAsync(control.NotificationId, action, control.At, stopping);
        return Disposition.Done;
    }
}
