namespace PushFanout.Contracts;

/// <summary>How an enum value is written in JSON.</summary>
internal static class LowerCaseWord
{
    public static string Of(string name) => string.Create(name.Length, name, static (word, from) => from.AsSpan().ToLowerInvariant(word));
}

/// <summary>The words of one enum; unlike <see cref="Enum.TryParse{TEnum}(string, out TEnum)"/> it takes no numbers, no lists and no other case.</summary>
internal static class EnumWords<T>
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> ByWord = Enum.GetValues<T>().ToDictionary(value => LowerCaseWord.Of(value.ToString()));

    /// <summary>The words in the order of the enum, as a fault's text lists them.</summary>
    public static string Listed { get; } = string.Join(", ", ByWord.Keys);

    public static bool TryParse(string word, out T value) => ByWord.TryGetValue(word, out value);
}
