using System.CommandLine;

namespace PushFanout.Cli;

/// <summary>Where a command writes, as for every command line, and where it reads what is given by <c>-</c>.</summary>
internal sealed class ProgramStreams : InvocationConfiguration
{
    /// <summary>What stands for standard input as a value.</summary>
    public const string InputName = "-";

    private readonly Func<Stream> _openInput;

    public ProgramStreams(TextWriter output, TextWriter error, Func<Stream> openInput)
    {
        (Output, Error, _openInput) = (output, error, openInput);
        EnableDefaultExceptionHandler = false;
        ProcessTerminationTimeout = null; // signals are ours: a worker may take longer to stop than the library allows
    }

    /// <summary>Opens the file, or standard input for <c>-</c>, to be read from its beginning.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static Stream Open(ParseResult parsed, string file) => file == InputName
        ? ((ProgramStreams)parsed.InvocationConfiguration)._openInput()
        : new FileStream(file, new FileStreamOptions { Options = FileOptions.SequentialScan | FileOptions.Asynchronous });
}
