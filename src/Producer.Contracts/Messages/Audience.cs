using System.ComponentModel.DataAnnotations;

namespace PushFanout.Contracts;

/// <summary>
/// Who gets a notification: the devices in any of <see cref="AnyOf"/> or named by <see cref="Users"/> or <see cref="Tokens"/>, that
/// are in every one of <see cref="AllOf"/> and in none of <see cref="NoneOf"/>. With <see cref="AllOf"/> alone: every device in all of
/// them. <see cref="NoneOf"/> alone is refused; everyone but some is <see cref="AnyOf"/> <c>all</c> with <see cref="NoneOf"/>. A device
/// meant twice gets one push. Nothing given is refused: it never means everyone.
/// </summary>
public sealed record Audience
{
    /// <summary>Most names in each of <see cref="AnyOf"/>, <see cref="AllOf"/> and <see cref="NoneOf"/>.</summary>
    public const int MaxNames = 32;
    /// <summary>Most entries in <see cref="Users"/> and <see cref="Tokens"/> together.</summary>
    public const int MaxMembers = 10_000;

    /// <summary>Audience names (<see cref="ContractNames.AudiencePattern"/>), at most 32; a name that never had a member is refused.</summary>
    [MaxLength(MaxNames)]
    public IReadOnlyList<string>? AnyOf { get; init; }
    /// <summary>Audience names that every device must be in, at most 32.</summary>
    [MaxLength(MaxNames)]
    public IReadOnlyList<string>? AllOf { get; init; }
    /// <summary>Audience names that no device may be in, at most 32.</summary>
    [MaxLength(MaxNames)]
    public IReadOnlyList<string>? NoneOf { get; init; }
    /// <summary>User ids, 1–255 bytes of UTF-8 each; all devices of a user. One without devices is counted, not a fault.</summary>
    [MaxLength(MaxMembers)]
    public IReadOnlyList<string>? Users { get; init; }
    /// <summary>Device tokens in hex; they need not be registered. A malformed one is counted, not a fault of the request.</summary>
    [MaxLength(MaxMembers)]
    public IReadOnlyList<string>? Tokens { get; init; }

    /// <summary>Every registered device of the app.</summary>
    public static Audience All { get; } = new() { AnyOf = [ContractNames.AllAudience] };

    /// <summary>The devices in any of these audiences.</summary>
    public static Audience OfAny(params string[] names) => new() { AnyOf = names };

    /// <summary>All devices of these users.</summary>
    public static Audience OfUsers(params string[] users) => new() { Users = users };

    /// <summary>The devices with these tokens.</summary>
    public static Audience OfTokens(params string[] tokens) => new() { Tokens = tokens };

    /// <summary>Counts, never a user or a token.</summary>
    public override string ToString() =>
        $"any of {AnyOf?.Count ?? 0}, all of {AllOf?.Count ?? 0}, none of {NoneOf?.Count ?? 0} audiences, {Users?.Count ?? 0} users, {Tokens?.Count ?? 0} tokens";
}
