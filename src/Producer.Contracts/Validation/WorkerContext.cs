namespace PushFanout.Contracts;

/// <summary>What only a worker knows. What is not given is not checked, so producers can validate without any of it.</summary>
public sealed record WorkerContext
{
    /// <summary>Nothing is known.</summary>
    public static WorkerContext None { get; } = new();

    /// <summary>The time, for limits on how far ahead something may lie.</summary>
    public DateTimeOffset? Now { get; init; }
    /// <summary>Finds a configured app by its name; answers null for one that is not configured.</summary>
    public Func<string, AppFacts?>? FindApp { get; init; }
}

/// <summary>What validation needs of a configured app.</summary>
public sealed record AppFacts
{
    /// <summary>In <see cref="AllowedSources"/>: every source, and none.</summary>
    public const string AnySource = "*";

    /// <summary>The bundle id, with a push type's suffix when the app is for that type alone.</summary>
    public required string Topic { get; init; }
    /// <summary>The sources whose requests are accepted; <see cref="AnySource"/> is all of them.</summary>
    public IReadOnlyCollection<string?> AllowedSources { get; init; } = [AnySource];
}
