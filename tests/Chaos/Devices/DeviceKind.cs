namespace PushFanout.Chaos.Devices;

/// <summary>What the simulated APNs will say to a device's token.</summary>
internal enum DeviceKind : byte
{
    /// <summary>Accepted.</summary>
    Alive,
    /// <summary>410, and it never comes back: accepted by nobody, and removed in the end.</summary>
    Gone,
    /// <summary>410 for a time before its latest registration: must stay registered.</summary>
    RegisteredAgain,
    /// <summary>400 BadDeviceToken: rejected, and never removed for it.</summary>
    Suspect,
}
