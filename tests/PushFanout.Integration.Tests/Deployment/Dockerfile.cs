namespace PushFanout.Integration.Tests.Deployment;

/// <summary>The instructions of <c>deploy/Dockerfile</c>, in order, continued lines joined.</summary>
internal sealed class Dockerfile
{
    private Dockerfile(IReadOnlyList<Instruction> instructions) => Instructions = instructions;

    public IReadOnlyList<Instruction> Instructions { get; }

    /// <summary>What runs: everything from the last FROM on.</summary>
    public IEnumerable<Instruction> FinalStage => Instructions.Skip(Instructions.ToList().FindLastIndex(instruction => instruction.Word == "FROM"));

    /// <summary>What is copied out of the repository, one entry per source; copies between stages are left out.</summary>
    public IEnumerable<string> Sources => Instructions
        .Where(instruction => instruction.Word == "COPY" && !instruction.Text.Contains("--from=", StringComparison.Ordinal))
        .SelectMany(instruction => Words(instruction.Text)[..^1]);

    public static Dockerfile Read()
    {
        var text = string.Join('\n', RepositoryFiles.Lines("deploy/Dockerfile").Where(line => line.Length > 0 && line[0] != '#'));
        return new Dockerfile(
        [
            .. text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ', 2, StringSplitOptions.TrimEntries))
                .Select(parts => new Instruction(parts[0], parts[1])),
        ]);
    }

    private static string[] Words(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !word.StartsWith("--", StringComparison.Ordinal))];

    internal sealed record Instruction(string Word, string Text);
}
