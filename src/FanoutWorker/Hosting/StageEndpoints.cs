using Microsoft.Extensions.DependencyInjection;
using PushFanout.Contracts;
using PushFanout.Worker.Control;
using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Feedback;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Hosting;

/// <summary>Which queues this process consumes, by its roles, and who handles what comes out of them.</summary>
internal static class StageEndpoints
{
    public static IReadOnlyList<StageEndpoint> Of(PushFanoutOptions options, IServiceProvider services) =>
    [
        .. options.Roles.HasFlag(Roles.Intake) ? Intake(services) : [],
        .. options.Roles.HasFlag(Roles.Expansion) ? Expansion(services) : [],
        .. options.Roles.HasFlag(Roles.Dispatch) ? Dispatch(options.Dispatch.Slots, services) : [],
        .. options.Roles.HasFlag(Roles.Feedback) ? Feedback(services) : [],
    ];

    private static StageEndpoint[] Intake(IServiceProvider services) =>
    [
        new(QueueNames.NotificationRequested, 16, 64, services.GetRequiredService<NotificationIntake>().HandleAsync),
        new(QueueNames.NotificationControl, 8, 32, services.GetRequiredService<ControlConsumer>().HandleAsync),
        new(QueueNames.DeviceRegistry, 16, 64, services.GetRequiredService<DeviceRegistryConsumer>().HandleAsync,
            AlsoFrom: [Exchanges.DeviceRegistered, Exchanges.DeviceUnregistered, Exchanges.AudienceChanged]),
    ];

    /// <summary>Fewer slots for what is less urgent: a bulk range must not keep the tokens of an urgent one waiting in Redis' queue.</summary>
    private static StageEndpoint[] Expansion(IServiceProvider services)
    {
        StageHandler handler = services.GetRequiredService<RangeExpansion>().HandleAsync;
        return
        [
            new(QueueNames.ExpandRange(Messaging.Lane.Urgent), 4, 4, handler),
            new(QueueNames.ExpandRange(Messaging.Lane.Normal), 2, 2, handler),
            new(QueueNames.ExpandRange(Messaging.Lane.Bulk), 1, 1, handler),
        ];
    }

    private static StageEndpoint[] Dispatch(SlotOptions slots, IServiceProvider services)
    {
        var dispatch = services.GetRequiredService<BatchDispatch>();
        return
        [
            new(QueueNames.PushBatch(Messaging.Lane.Short), slots.Short, slots.Short * 4, dispatch.HandleAsync, dispatch.GiveUpAsync),
            new(QueueNames.PushBatch(Messaging.Lane.Urgent), slots.Urgent, slots.Urgent, dispatch.HandleAsync, dispatch.GiveUpAsync),
            new(QueueNames.PushBatch(Messaging.Lane.Normal), slots.Normal, slots.Normal, dispatch.HandleAsync, dispatch.GiveUpAsync),
            new(QueueNames.PushBatch(Messaging.Lane.Bulk), slots.Bulk, slots.Bulk, dispatch.HandleAsync, dispatch.GiveUpAsync),
        ];
    }

    private static StageEndpoint[] Feedback(IServiceProvider services) =>
    [
        new(QueueNames.TokenFeedback, 4, 16, services.GetRequiredService<TokenFeedbackConsumer>().HandleAsync, AlsoFrom: [Exchanges.DeadTokensFound]),
    ];
}
