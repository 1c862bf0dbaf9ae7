namespace PushFanout.Bench;

/// <summary>Prints figures in columns, and refuses to print one for work that was not done.</summary>
internal static class Figures
{
    public static void Print(string what, string figure, string detail) => Console.WriteLine($"  {what,-44} {figure,-28} {detail}");

    public static void Expect(bool condition, string promise)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Not so: {promise}. The figures would mean nothing.");
        }
    }
}
