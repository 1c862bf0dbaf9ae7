namespace PushFanout.Contracts;

/// <summary>What a worker checks of a <see cref="NotificationControl"/>.</summary>
public static class NotificationControlValidator
{
    /// <summary>Everything that is wrong with the message; empty when nothing is.</summary>
    public static IReadOnlyList<ContractFault> Validate(NotificationControl control)
    {
        ArgumentNullException.ThrowIfNull(control);
        var faults = new FaultList();
        Check(control, WorkerContext.None, faults);
        return faults.ToList();
    }

    internal static void Check(NotificationControl control, WorkerContext context, FaultList faults)
    {
        if (control.NotificationId == Guid.Empty)
            faults.AddIfFirst("notificationId", FaultCodes.InvalidValue, "The all-zero id names no notification.");
        if (!Enum.IsDefined(control.Action))
            faults.AddIfFirst("action", FaultCodes.InvalidValue, $"It must be one of {EnumWords<ControlAction>.Listed}.");
        TimeRules.CheckGiven("at", control.At, faults);
    }
}
