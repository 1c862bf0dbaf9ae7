using System.ComponentModel.DataAnnotations;
using MassTransit;

namespace PushFanout.Contracts;

/// <summary>Devices were removed because APNs called their tokens dead; app back ends mirror it. Routing key <c>&lt;app&gt;.none</c>.</summary>
[EntityName(Exchanges.DevicesRetired)]
[MessageUrn("pushfanout:devices-retired:v1", useDefaultPrefix: false)]
public sealed record DevicesRetired
{
    /// <summary>The app of the devices.</summary>
    [RegularExpression(ContractNames.AppPattern)]
    public required string App { get; init; }
    /// <summary>The devices, at least one.</summary>
    [MinLength(1)]
    public required IReadOnlyList<RetiredDeviceToken> Devices { get; init; }
    /// <summary>When they were removed.</summary>
    public required DateTimeOffset RetiredAt { get; init; }

    /// <summary>The app and a count, never a token.</summary>
    public override string ToString() => $"{Devices.Count} retired devices of {App}";
}

/// <summary>One removed device.</summary>
public sealed record RetiredDeviceToken
{
    /// <summary>The device token in hex, lower case.</summary>
    [RegularExpression(DeviceTokenText.Pattern)]
    public required string Token { get; init; }
    /// <summary>The user on record, when there was one.</summary>
    public string? UserId { get; init; }
    /// <summary>The app's own id of the device on record, when there was one.</summary>
    public string? DeviceId { get; init; }
    /// <summary>APNs' word, for example <c>Unregistered</c>.</summary>
    public required string Reason { get; init; }
    /// <summary>Since when it is dead by APNs.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The reason, never the token, nor who it belonged to.</summary>
    public override string ToString() => $"retired device ({Reason})";
}
