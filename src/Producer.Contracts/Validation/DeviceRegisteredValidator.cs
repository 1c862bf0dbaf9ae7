namespace PushFanout.Contracts;

/// <summary>What a worker checks of a <see cref="DeviceRegistered"/>.</summary>
public static class DeviceRegisteredValidator
{
    /// <summary>Everything that is wrong with the message; empty when nothing is.</summary>
    public static IReadOnlyList<ContractFault> Validate(DeviceRegistered device, WorkerContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        var faults = new FaultList();
        Check(device, context ?? WorkerContext.None, faults);
        return faults.ToList();
    }

    internal static void Check(DeviceRegistered device, WorkerContext context, FaultList faults)
    {
        AppRules.Check(device.App, context, faults);
        DeviceRules.CheckToken("token", device.Token, faults);
        DeviceRules.CheckOwnId("deviceId", device.DeviceId, faults);
        DeviceRules.CheckOwnId("userId", device.UserId, faults);
        TimeRules.CheckGiven("at", device.At, faults);
        if (device.Audiences is not { } audiences)
            return;
        if (audiences.Count > DeviceRegistered.MaxAudiences)
            faults.AddIfFirst("audiences", FaultCodes.InvalidAudience, $"{audiences.Count} names; the limit is {DeviceRegistered.MaxAudiences}.");
        for (var i = 0; i < audiences.Count; i++)
            AudienceRules.CheckOwnName(FieldPath.At("audiences", i), audiences[i], faults);
    }
}
