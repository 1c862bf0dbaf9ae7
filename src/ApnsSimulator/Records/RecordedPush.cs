using System.Runtime.InteropServices;

namespace PushFanout.ApnsSimulator;

/// <summary>One answered push, as the simulator remembers it.</summary>
/// <param name="TokenHash"><see cref="DeviceTokenHash"/> of the device token.</param>
/// <param name="ApnsId">The <c>apns-id</c> it came with, or was given.</param>
/// <param name="At">When it was accepted or refused; UTC, milliseconds.</param>
/// <param name="Notification">Its collapse id; <see cref="PushRecorder.NoCollapseId"/> when it had none.</param>
/// <param name="Reason">Why it was refused; null when it was accepted.</param>
public readonly record struct RecordedPush(ulong TokenHash, Guid ApnsId, DateTimeOffset At, string Notification, string? Reason)
{
    /// <summary>Whether it was accepted.</summary>
    public bool IsAccepted => Reason is null;
}

/// <summary>The 32 bytes that are kept of a push.</summary>
[StructLayout(LayoutKind.Auto)] // in the order of their declaration the fields would take 40
internal readonly struct StoredPush(ulong tokenHash, Guid apnsId, uint milliseconds, int notification, byte reason)
{
    public const int MaxNotifications = 1 << 24;
    private readonly uint notificationAndReason = ((uint)notification << 8) | reason;

    public ulong TokenHash { get; } = tokenHash;
    public Guid ApnsId { get; } = apnsId;
    /// <summary>Since the recorder started or was reset; enough for 49 days.</summary>
    public uint Milliseconds { get; } = milliseconds;
    public int Notification => (int)(notificationAndReason >> 8);
    public byte Reason => (byte)notificationAndReason;
}
