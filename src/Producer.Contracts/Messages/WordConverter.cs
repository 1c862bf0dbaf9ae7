using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushFanout.Contracts;

/// <summary>
/// Writes an enum as its name in lower case, and reads no numbers. Named on each property as well as on the types, because a
/// converter in a serializer's own options (MassTransit's has one for enums) would win over the type's.
/// </summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class WordConverter<T>() : JsonStringEnumConverter<T>(LowerCase, allowIntegerValues: false)
    where T : struct, Enum
{
    private static readonly JsonNamingPolicy LowerCase = new LowerCasePolicy();

    private sealed class LowerCasePolicy : JsonNamingPolicy
    {
        public override string ConvertName(string name) => LowerCaseWord.Of(name);
    }
}
