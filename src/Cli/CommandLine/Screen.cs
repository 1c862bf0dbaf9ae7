using System.Globalization;
using Spectre.Console;

namespace PushFanout.Cli;

/// <summary>Writes for people: moving progress on a terminal; plain lines, one a second, into a file or a build log.</summary>
internal sealed class Screen
{
    private const int PlainWidth = 120;
    private static readonly TimeSpan BetweenPlainLines = TimeSpan.FromSeconds(1);

    private readonly TextWriter _output;
    private readonly IAnsiConsole _console;
    private readonly bool _live;
    private readonly TimeProvider _clock;

    public Screen(TextWriter output, TimeProvider clock)
    {
        _output = output;
        _clock = clock;
        var terminal = new AnsiConsoleOutput(output);
        var plain = !terminal.IsTerminal || Environment.GetEnvironmentVariable("CI") is { Length: > 0 };
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = terminal,
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
        });
        _live = _console.Profile.Capabilities is { Interactive: true, Ansi: true };
        if (!_live)
        {
            _console.Profile.Width = PlainWidth;
        }
    }

    /// <summary>What it writes to, for lines that are not for this screen alone.</summary>
    public TextWriter Output => _output;

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    public void Headline(string text)
    {
        Line();
        _console.MarkupLineInterpolated($"[bold]{text}[/]");
    }

    public void Good(string text) => _console.MarkupLineInterpolated($"  [green]{text}[/]");

    public void Bad(string text) => _console.MarkupLineInterpolated($"  [red]{text}[/]");

    /// <summary>A line as it is, however long: it may be copied.</summary>
    public void Line(string text = "") => _output.WriteLine(text);

    /// <summary>Begins anew, where the place can be used again; otherwise a line between what was and what comes.</summary>
    public void Clear()
    {
        if (_live)
        {
            _console.Clear();
        }
        else
        {
            Line();
        }
    }

    public void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(_live ? TableBorder.Rounded : TableBorder.Ascii2);
        for (var i = 0; i < header.Count; i++)
        {
            var column = new TableColumn(Markup.Escape(header[i]));
            table.AddColumn(i == 0 ? column : column.RightAligned());
        }
        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }
        _console.Write(new Padder(table, new Padding(2, 0, 0, 0)));
    }

    /// <summary>Shows how far <paramref name="work"/> is, as often as it says so.</summary>
    public Task<T> FollowAsync<T>(Func<IProgress<Advance>, Task<T>> work) => _live
        ? _console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context =>
            {
                var task = context.AddTask("starting", maxValue: 1);
                return work(new Reporter(advance =>
                {
                    task.Value = advance.Share;
                    task.Description = Markup.Escape(advance.Text);
                }));
            })
        : work(new Reporter(WritePlainly()));

    private Action<Advance> WritePlainly()
    {
        var last = _clock.GetTimestamp();
        return advance =>
        {
            if (_clock.GetElapsedTime(last) >= BetweenPlainLines)
            {
                last = _clock.GetTimestamp();
                Line(string.Create(CultureInfo.InvariantCulture, $"  {advance.Share,4:0%}  {advance.Text}"));
            }
        };
    }

    /// <summary>Unlike <see cref="Progress{T}"/> at once and in order.</summary>
    private sealed class Reporter(Action<Advance> report) : IProgress<Advance>
    {
        public void Report(Advance value) => report(value);
    }
}

/// <param name="Share">How much is done, 0 to 1.</param>
/// <param name="Text">The same in words.</param>
internal readonly record struct Advance(double Share, string Text);
