namespace PushFanout.Contracts;

/// <summary>What a worker checks of a <see cref="DeviceUnregistered"/>.</summary>
public static class DeviceUnregisteredValidator
{
    /// <summary>Everything that is wrong with the message; empty when nothing is.</summary>
    public static IReadOnlyList<ContractFault> Validate(DeviceUnregistered device, WorkerContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        var faults = new FaultList();
        Check(device, context ?? WorkerContext.None, faults);
        return faults.ToList();
    }

    internal static void Check(DeviceUnregistered device, WorkerContext context, FaultList faults)
    {
        AppRules.Check(device.App, context, faults);
        if (device.Token is not null)
            DeviceRules.CheckToken("token", device.Token, faults);
        DeviceRules.CheckOwnId("deviceId", device.DeviceId, faults);
        DeviceRules.CheckOwnId("userId", device.UserId, faults);
        TimeRules.CheckGiven("at", device.At, faults);
        CheckOneIsGiven(device, faults);
    }

    private static void CheckOneIsGiven(DeviceUnregistered device, FaultList faults)
    {
        var given = (device.Token is null ? 0 : 1) + (device.DeviceId is null ? 0 : 1) + (device.UserId is null ? 0 : 1);
        if (given > 1)
            faults.AddIfFirst(FieldPath.Message, FaultCodes.ConflictingFields, "Only one of token, deviceId and userId can be given.");
        else if (given == 0 && !faults.HasAny("token", "deviceId", "userId"))
            faults.AddIfFirst(FieldPath.Message, FaultCodes.MissingField, "One of token, deviceId and userId is required.");
    }
}
