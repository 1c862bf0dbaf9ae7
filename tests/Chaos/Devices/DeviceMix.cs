namespace PushFanout.Chaos.Devices;

/// <summary>Which kinds of devices a run has.</summary>
internal enum DeviceMix
{
    /// <summary>Alive ones, gone ones, and some that registered again.</summary>
    Usual,
    /// <summary>The same, and some that APNs calls bad.</summary>
    WithSuspects,
    /// <summary>Every device is alive.</summary>
    AliveOnly,
}
