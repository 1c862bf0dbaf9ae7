namespace PushFanout.TokenCache;

/// <summary>A line of a device file that was left out.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Reason">What is wrong with it; never its text.</param>
public readonly record struct BadLine(long Number, string Reason);
