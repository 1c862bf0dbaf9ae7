namespace PushFanout.Contracts;

/// <summary>How the words of an enum are written in JSON.</summary>
internal static class LowerCaseWord
{
    public static string Of(string name) => string.Create(name.Length, name, static (word, from) => from.AsSpan().ToLowerInvariant(word));
}
