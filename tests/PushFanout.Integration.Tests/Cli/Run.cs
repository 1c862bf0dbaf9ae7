using System.Text;
using PushFanout.Cli;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

/// <summary>What a command wrote and how it ended.</summary>
internal sealed record Run(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a command in this process until it ends by itself.</summary>
    public static Task<Run> OfAsync(params string[] arguments) => WithInputAsync("", arguments);

    /// <param name="input">What comes by standard input.</param>
    public static async Task<Run> WithInputAsync(string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var exitCode = await PushFanoutProgram.RunAsync(arguments, output, error, patience.Token, () => new MemoryStream(Encoding.UTF8.GetBytes(input)));
        return new Run(exitCode, output.ToString(), error.ToString());
    }
}
