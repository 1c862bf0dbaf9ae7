using System.ComponentModel.DataAnnotations;
using MassTransit;

namespace PushFanout.Contracts;

/// <summary>A device got a token, or its user or audiences changed. Of two for the same token the later by <see cref="At"/> wins.</summary>
[EntityName(Exchanges.DeviceRegistered)]
[MessageUrn("pushfanout:device-registered:v1", useDefaultPrefix: false)]
public sealed record DeviceRegistered
{
    /// <summary>Longest <see cref="UserId"/> or <see cref="DeviceId"/>, in bytes of UTF-8.</summary>
    public const int MaxIdBytes = 255;
    /// <summary>Most entries in <see cref="Audiences"/>.</summary>
    public const int MaxAudiences = 256;

    /// <summary>The app as configured at the workers.</summary>
    [RegularExpression(ContractNames.AppPattern)]
    public required string App { get; init; }
    /// <summary>The device token in hex, 1–100 bytes.</summary>
    [RegularExpression(DeviceTokenText.Pattern)]
    public required string Token { get; init; }
    /// <summary>The app's own id of the device, 1–255 bytes of UTF-8; a new token with the same id replaces the old token.</summary>
    [StringLength(MaxIdBytes, MinimumLength = 1)]
    public string? DeviceId { get; init; }
    /// <summary>Who uses the device now, 1–255 bytes of UTF-8. Not given: nobody does.</summary>
    [StringLength(MaxIdBytes, MinimumLength = 1)]
    public string? UserId { get; init; }
    /// <summary>The audiences of the device, at most 256: a list replaces what was there, not given leaves it. <c>all</c> is implied and cannot be listed.</summary>
    [MaxLength(MaxAudiences)]
    public IReadOnlyList<string>? Audiences { get; init; }
    /// <summary>When it happened, by the app back end's clock; a moment in the future counts as at most 5 min ahead.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The app; never the token, nor who it belongs to.</summary>
    public override string ToString() => $"device of {App}";
}
