using System.Globalization;
using System.Text;

namespace PushFanout.Bench.Engine;

/// <summary>Draws the table of <c>bench engine</c> as SVG: per server a group of bars, one panel for the rate and one for CPU.</summary>
internal static class EnginePlot
{
    private const int Width = 960;
    private const int Left = 205;
    private const int PanelWidth = 310;
    private const int PanelGap = 65;
    private const int Top = 64;
    private const int Bar = 15;
    private const int GroupGap = 16;

    private static readonly Dictionary<string, (string Color, string Name)> Clients = new()
    {
        ["ours"] = ("#1f6feb", "PushFanout.Apns, lists"),
        ["ours-single"] = ("#79b8ff", "PushFanout.Apns, one await per push"),
        ["h2load"] = ("#8c8c8c", "h2load"),
        ["httpclient"] = ("#d29922", "HttpClient, tuned"),
    };

    private static readonly Dictionary<string, string> Servers = new()
    {
        ["packed"] = "sink, many answers per record",
        ["record"] = "sink, one record per answer",
        ["nginx"] = "nginx",
        ["h2o"] = "h2o",
        ["packed-40ms"] = "sink, 40 ms, four connections",
    };

    public static string Draw(IReadOnlyList<EngineRow> rows)
    {
        var groups = rows.GroupBy(row => row.Sink).ToList();
        var height = Top + groups.Sum(group => (group.Count() * Bar) + GroupGap) + 44;
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#24292f">""");
        svg.Append(CultureInfo.InvariantCulture, $"""<rect width="{Width}" height="{height}" fill="#ffffff"/>""");
        Panel(svg, groups, Left, "pushes per second (more is better)", row => row.PushesPerSecond, figure => figure.ToString("N0", CultureInfo.InvariantCulture));
        Panel(
            svg, groups, Left + PanelWidth + PanelGap, "client CPU seconds per million pushes (less is better)", row => row.CpuSecondsPerMillion,
            figure => figure.ToString("0.00", CultureInfo.InvariantCulture));
        var y = Top;
        foreach (var group in groups)
        {
            var middle = y + (group.Count() * Bar / 2) + 4;
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Left - 10}" y="{middle}" text-anchor="end">{Servers[group.Key]}</text>""");
            y += (group.Count() * Bar) + GroupGap;
        }
        Legend(svg, rows, height - 22);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(
        StringBuilder svg, List<IGrouping<string, EngineRow>> groups, int x, string title, Func<EngineRow, double> figure, Func<double, string> text)
    {
        const int RoomForText = 62;
        var most = groups.SelectMany(group => group).Max(figure);
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{x}" y="{Top - 20}" font-weight="bold">{title}</text>""");
        var y = Top;
        foreach (var group in groups)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{x}" y1="{y - 3}" x2="{x}" y2="{y + (group.Count() * Bar) + 1}" stroke="#8c8c8c"/>""");
            foreach (var row in group)
            {
                var length = Math.Max(1, figure(row) / most * (PanelWidth - RoomForText));
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"""<rect x="{x}" y="{y}" width="{length:0.0}" height="{Bar - 3}" fill="{Clients[row.Client].Color}"/><text x="{x + length + 5:0.0}" y="{y + Bar - 5}" font-size="11">{text(figure(row))}</text>""");
                y += Bar;
            }
            y += GroupGap;
        }
    }

    private static void Legend(StringBuilder svg, IReadOnlyList<EngineRow> rows, int y)
    {
        var x = Left;
        foreach (var client in Clients.Where(client => rows.Any(row => row.Client == client.Key)))
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"""<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{client.Value.Color}"/><text x="{x + 18}" y="{y}">{client.Value.Name}</text>""");
            x += 18 + (client.Value.Name.Length * 7) + 16;
        }
    }
}
