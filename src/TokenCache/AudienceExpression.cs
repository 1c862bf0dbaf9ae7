namespace PushFanout.TokenCache;

/// <summary>
/// Which tokens of an app are meant: those in any of <paramref name="AnyOf"/> or named by <paramref name="Users"/> or
/// <paramref name="Tokens"/>, that are in every one of <paramref name="AllOf"/> and in none of <paramref name="NoneOf"/>.
/// With nothing in <paramref name="AnyOf"/>, <paramref name="Users"/> and <paramref name="Tokens"/>, every token in all of
/// <paramref name="AllOf"/>. A token meant twice counts once.
/// </summary>
/// <param name="AnyOf">Audience names, or empty.</param>
/// <param name="AllOf">Audience names, or empty.</param>
/// <param name="NoneOf">Audience names, or empty.</param>
/// <param name="Users">User ids; a token counts only while the device record still names that user.</param>
/// <param name="Tokens">Tokens given by the caller; they need not be registered.</param>
public sealed record AudienceExpression(
    IReadOnlyList<string> AnyOf,
    IReadOnlyList<string> AllOf,
    IReadOnlyList<string> NoneOf,
    IReadOnlyList<string> Users,
    IReadOnlyList<ReadOnlyMemory<byte>> Tokens)
{
    /// <summary>Whether stored audiences are read at all; otherwise only users and tokens are meant.</summary>
    public bool ReadsAudiences => AnyOf.Count > 0 || (Users.Count == 0 && Tokens.Count == 0);

    /// <summary>Says the shape, never the users or tokens.</summary>
    public override string ToString() =>
        $"any of {AnyOf.Count}, all of {AllOf.Count}, none of {NoneOf.Count} audiences, {Users.Count} users, {Tokens.Count} tokens";
}
