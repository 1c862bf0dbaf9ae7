namespace PushFanout.Cli.Demo;

/// <summary>Compares what must be equal, and remembers whether everything was.</summary>
internal sealed class Books(Screen screen)
{
    public bool Balance { get; private set; } = true;

    /// <returns>Whether both are equal; if not, it is said.</returns>
    public bool Check(string what, long expected, long found)
    {
        if (expected == found)
        {
            return true;
        }
        screen.Bad($"{what}: {Screen.Number(found)}, but {Screen.Number(expected)} expected");
        Balance = false;
        return false;
    }
}
