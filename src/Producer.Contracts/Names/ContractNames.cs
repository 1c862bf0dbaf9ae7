using System.Buffers;

namespace PushFanout.Contracts;

/// <summary>
/// The three kinds of names that messages carry. All of them end up in places with a syntax of their own (Redis keys, routing
/// keys, file names), so none can hold a space, a brace, a wildcard or a control character. Nothing is ever rewritten to fit.
/// </summary>
public static class ContractNames
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 64;
    /// <summary>An app: lower-case letters, digits, <c>_</c> and <c>-</c>. No dot, for it is the first word of a routing key.</summary>
    public const string AppPattern = "^[a-z0-9][a-z0-9_-]{0,63}$";
    /// <summary>A source, that is the service that asks: as an app, and upper-case letters. It is the last word of a routing key.</summary>
    public const string SourcePattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";
    /// <summary>An audience: as an app, and dots.</summary>
    public const string AudiencePattern = "^[a-z0-9][a-z0-9._-]{0,63}$";
    /// <summary>The audience that every registered token of an app belongs to; it cannot be changed by hand.</summary>
    public const string AllAudience = "all";

    private const string LowerAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static readonly SearchValues<char> AppCharacters = SearchValues.Create(LowerAndDigits + "_-");
    private static readonly SearchValues<char> SourceCharacters = SearchValues.Create(LowerAndDigits + Upper + "_-");
    private static readonly SearchValues<char> AudienceCharacters = SearchValues.Create(LowerAndDigits + "._-");

    /// <summary>Whether this can name an app (<see cref="AppPattern"/>).</summary>
    public static bool IsApp(string? name) => IsName(name, AppCharacters);

    /// <summary>Whether this can name a source (<see cref="SourcePattern"/>).</summary>
    public static bool IsSource(string? name) => IsName(name, SourceCharacters);

    /// <summary>Whether this can name an audience (<see cref="AudiencePattern"/>).</summary>
    public static bool IsAudience(string? name) => IsName(name, AudienceCharacters);

    private static bool IsName(string? name, SearchValues<char> characters) =>
        name is { Length: >= 1 and <= MaxLength } && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(characters);
}
