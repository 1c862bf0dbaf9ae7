using System.ComponentModel.DataAnnotations;
using MassTransit;

namespace PushFanout.Contracts;

/// <summary>Members join and leave one audience. Devices that are not registered are left out and counted.</summary>
[EntityName(Exchanges.AudienceChanged)]
[MessageUrn("pushfanout:audience-changed:v1", useDefaultPrefix: false)]
public sealed record AudienceChanged
{
    /// <summary>Most entries in <see cref="Add"/> and <see cref="Remove"/> together.</summary>
    public const int MaxMembers = 10_000;

    /// <summary>The app as configured at the workers.</summary>
    [RegularExpression(ContractNames.AppPattern)]
    public required string App { get; init; }
    /// <summary>The audience (<see cref="ContractNames.AudiencePattern"/>); not <c>all</c>, which follows the registrations.</summary>
    [RegularExpression(ContractNames.AudiencePattern)]
    public required string Audience { get; init; }
    /// <summary>Who joins. At least one of the two lists has an entry.</summary>
    [MaxLength(MaxMembers)]
    public IReadOnlyList<AudienceMember>? Add { get; init; }
    /// <summary>Who leaves; applied after <see cref="Add"/>.</summary>
    [MaxLength(MaxMembers)]
    public IReadOnlyList<AudienceMember>? Remove { get; init; }

    /// <summary>Counts, never a user or a token.</summary>
    public override string ToString() => $"audience {Audience} of {App}: {Add?.Count ?? 0} join, {Remove?.Count ?? 0} leave";
}

/// <summary>A user, who stands for all devices of theirs, or one device by its token: exactly one of the two is given.</summary>
public sealed record AudienceMember
{
    /// <summary>The user, 1–255 bytes of UTF-8.</summary>
    [StringLength(DeviceRegistered.MaxIdBytes, MinimumLength = 1)]
    public string? User { get; init; }
    /// <summary>The device token in hex, 1–100 bytes.</summary>
    [RegularExpression(DeviceTokenText.Pattern)]
    public string? Token { get; init; }

    /// <summary>All devices of a user.</summary>
    public static AudienceMember OfUser(string user) => new() { User = user };

    /// <summary>One device.</summary>
    public static AudienceMember OfToken(string token) => new() { Token = token };

    /// <summary>Which kind, never the value.</summary>
    public override string ToString() => User is not null ? "a user" : "a token";
}
