using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace PushFanout.Testing;

/// <summary>
/// Checks what must hold for every value of a kind, on many random ones: the same in every run, so that a change is judged by what it changes.
/// <c>PUSHFANOUT_TEST_SEED=random</c> looks at others; a failure shows the smallest value that was found to break it and the seed, and
/// <c>PUSHFANOUT_TEST_SEED=seed,gamma</c> runs those again.
/// </summary>
public static class Properties
{
    private const string SeedVariable = "PUSHFANOUT_TEST_SEED";
    private const string UsualSeed = "1805963357318159185,10400377253914909305";

    /// <summary>Checks a property; it fails by throwing.</summary>
    /// <param name="values">Makes the values.</param>
    /// <param name="shrink">Smaller values to look at when one breaks the property.</param>
    /// <param name="tests">How many values.</param>
    public static void Check<T>(Gen<T> values, Func<T, IEnumerable<T>> shrink, Func<T, Task> property, int tests)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(tests);
        var seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given ? given : UsualSeed;
        if (seed != "random")
        {
            var parts = seed.Split(',');
            config = config.WithReplay(ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture));
        }
        FsCheck.Check.One(config, Prop.ForAll(Arb.From(values, shrink), property));
    }

    /// <summary>Checks a property that need not wait for anything.</summary>
    public static void Check<T>(Gen<T> values, Func<T, IEnumerable<T>> shrink, Action<T> property, int tests) => Check(
        values, shrink,
        value =>
        {
            property(value);
            return Task.CompletedTask;
        },
        tests);

    /// <summary>Lists with one entry less.</summary>
    public static IEnumerable<T[]> OneLess<T>(T[] list) => Enumerable.Range(0, list.Length).Select(i => (T[])[.. list[..i], .. list[(i + 1)..]]);
}
