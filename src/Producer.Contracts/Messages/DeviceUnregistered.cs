using System.ComponentModel.DataAnnotations;
using MassTransit;

namespace PushFanout.Contracts;

/// <summary>
/// A device, or every device of a user, shall get nothing more. Exactly one of <see cref="Token"/>, <see cref="DeviceId"/> and
/// <see cref="UserId"/> is given. What was registered after <see cref="At"/> stays.
/// </summary>
[EntityName(Exchanges.DeviceUnregistered)]
[MessageUrn("pushfanout:device-unregistered:v1", useDefaultPrefix: false)]
public sealed record DeviceUnregistered
{
    /// <summary>The app as configured at the workers.</summary>
    [RegularExpression(ContractNames.AppPattern)]
    public required string App { get; init; }
    /// <summary>The device token in hex, 1–100 bytes.</summary>
    [RegularExpression(DeviceTokenText.Pattern)]
    public string? Token { get; init; }
    /// <summary>The app's own id of the device, 1–255 bytes of UTF-8.</summary>
    [StringLength(DeviceRegistered.MaxIdBytes, MinimumLength = 1)]
    public string? DeviceId { get; init; }
    /// <summary>The user whose devices are all meant, 1–255 bytes of UTF-8.</summary>
    [StringLength(DeviceRegistered.MaxIdBytes, MinimumLength = 1)]
    public string? UserId { get; init; }
    /// <summary>When it happened, by the app back end's clock; a moment in the future counts as at most 5 min ahead.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The app; never the token, nor who it belongs to.</summary>
    public override string ToString() => $"device of {App}";
}
