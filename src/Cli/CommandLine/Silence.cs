namespace PushFanout.Cli;

/// <summary>Progress that nobody wants to see, because a program reads the output.</summary>
internal sealed class Silence : IProgress<Advance>
{
    public static Silence Instance { get; } = new();

    public void Report(Advance value)
    {
    }
}
