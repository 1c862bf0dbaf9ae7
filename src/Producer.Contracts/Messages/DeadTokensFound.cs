using System.ComponentModel.DataAnnotations;
using MassTransit;

namespace PushFanout.Contracts;

/// <summary>Tokens that APNs called dead, from the workers that send to the workers that remove.</summary>
[EntityName(Exchanges.DeadTokensFound)]
[MessageUrn("pushfanout:dead-tokens-found:v1", useDefaultPrefix: false)]
public sealed record DeadTokensFound
{
    /// <summary>The app of the tokens.</summary>
    [RegularExpression(ContractNames.AppPattern)]
    public required string App { get; init; }
    /// <summary>The notification whose pushes were answered so.</summary>
    public required Guid NotificationId { get; init; }
    /// <summary>The tokens, at least one.</summary>
    [MinLength(1)]
    public required IReadOnlyList<DeadDeviceToken> Tokens { get; init; }

    /// <summary>The app and a count, never a token.</summary>
    public override string ToString() => $"{Tokens.Count} dead tokens of {App}";
}

/// <summary>One token and what APNs said of it.</summary>
public sealed record DeadDeviceToken
{
    /// <summary>The device token in hex, 1–100 bytes.</summary>
    [RegularExpression(DeviceTokenText.Pattern)]
    public required string Token { get; init; }
    /// <summary>APNs' word, for example <c>Unregistered</c>.</summary>
    public required string Reason { get; init; }
    /// <summary>Since when it is dead by APNs; without a time in the answer, when the push was sent. A later registration survives.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The reason, never the token.</summary>
    public override string ToString() => $"dead token ({Reason})";
}
