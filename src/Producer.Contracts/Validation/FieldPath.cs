namespace PushFanout.Contracts;

/// <summary>How faults name the place in a message.</summary>
internal static class FieldPath
{
    /// <summary>The message as a whole.</summary>
    public const string Message = "$";

    public static string Of(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static string At(string path, int index) => $"{path}[{index}]";
}
