using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace PushFanout.TokenCache.Redis;

/// <summary>A Lua script that Redis runs in one step, and the hash by which Redis knows it once it is loaded.</summary>
public sealed class RedisScript
{
    /// <summary>A script from its text.</summary>
    /// <param name="name">Names the script in errors and metrics, for example <c>register</c>.</param>
    /// <param name="text">Lua source.</param>
    public RedisScript(string name, string text)
    {
        Name = name;
        Text = text;
#pragma warning disable CA5350 // SHA-1 is how Redis names scripts, not a protection
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    /// <summary>Names the script in errors and metrics.</summary>
    public string Name { get; }

    internal string Text { get; }

    internal byte[] Hash { get; }

    /// <summary>
    /// A script from embedded resources named <c>*.&lt;name&gt;.lua</c>, one behind the other: first functions that
    /// several scripts share, last the script that gives the name.
    /// </summary>
    /// <param name="assembly">The assembly that holds the resources.</param>
    /// <param name="names">Resource names without folder and <c>.lua</c>.</param>
    public static RedisScript FromResources(Assembly assembly, params string[] names) =>
        new(names[^1], string.Join('\n', names.Select(name => Read(assembly, name))));

    private static string Read(Assembly assembly, string name)
    {
        var resource = assembly.GetManifestResourceNames().Single(r => r.EndsWith($".{name}.lua", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
