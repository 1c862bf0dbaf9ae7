using System.Globalization;

namespace PushFanout.FastSink;

/// <summary>How the sink answers, from its command line.</summary>
internal sealed record SinkOptions
{
    public const string Usage = """
        usage: PushFanout.FastSink [--port N] [--records] [--latency-ms N] [--streams N] [--apns-id] [--files FOLDER]

          --port N         listen here on 127.0.0.1; default: any free port
          --records        one TLS record and one write per answer; default: as many answers in a record as there are
          --latency-ms N   answer each push this long after it came, 0–60,000; default 0: at once
          --streams N      streams that a connection may have open; default 1000
          --apns-id        answer with an apns-id, as APNs does; default: status only
          --files FOLDER   where the certificate goes; default: a new temporary folder

        Writes a line of JSON when it is ready. Answers each line on standard input that begins with "stats" with that line and, behind it, what
        it has seen so far as JSON. Ends at the end of standard input or on SIGTERM, with a last such line that begins with "end".
        """;

    public int Port { get; private init; }

    public bool Records { get; private init; }

    public TimeSpan Latency { get; private init; }

    public int Streams { get; private init; } = 1000;

    public bool ApnsId { get; private init; }

    public string? Files { get; private init; }

    /// <returns>Null for a command line that is none.</returns>
    public static SinkOptions? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new SinkOptions();
        while (!arguments.IsEmpty)
        {
            (var taken, options) = arguments switch
            {
                ["--records", ..] => (1, options with { Records = true }),
                ["--apns-id", ..] => (1, options with { ApnsId = true }),
                ["--files", var folder, ..] => (2, options with { Files = folder }),
                ["--port", var text, ..] when Number(text, 65_535) is { } port => (2, options with { Port = port }),
                ["--latency-ms", var text, ..] when Number(text, 60_000) is { } time => (2, options with { Latency = TimeSpan.FromMilliseconds(time) }),
                ["--streams", var text, ..] when Number(text, 1_000_000) is { } streams => (2, options with { Streams = streams }),
                _ => (0, options),
            };
            if (taken == 0)
            {
                return null;
            }
            arguments = arguments[taken..];
        }
        return options;
    }

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number : null;
}
