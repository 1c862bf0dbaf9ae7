namespace PushFanout.Worker.Dispatch;

/// <summary>A limit that all workers share: of an app, or of one notification.</summary>
internal sealed class SharedRate(string name, double perSecond)
{
    /// <summary>The hash tag of its key: the app's name, or <c>n:</c> and the notification's id.</summary>
    public string Name { get; } = name;

    public double PerSecond { get; } = perSecond;

    /// <summary>The books of this process, for when there are no shared ones.</summary>
    public RateBooks Local { get; } = new();
}
