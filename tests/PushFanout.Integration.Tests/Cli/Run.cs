using PushFanout.Cli;

namespace PushFanout.Integration.Tests.Cli;

/// <summary>What a command wrote and how it ended.</summary>
internal sealed record Run(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a command in this process until it ends by itself.</summary>
    public static async Task<Run> OfAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var exitCode = await PushFanoutProgram.RunAsync(arguments, output, error, patience.Token);
        return new Run(exitCode, output.ToString(), error.ToString());
    }
}
