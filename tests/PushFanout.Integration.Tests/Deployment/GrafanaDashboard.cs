using System.Text.Json;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>One of the dashboards in <c>deploy/grafana/dashboards</c>.</summary>
internal sealed class GrafanaDashboard
{
    public const string Folder = "deploy/grafana/dashboards";

    private readonly JsonElement _root;

    private GrafanaDashboard(string file, JsonElement root) => (File, _root) = (file, root);

    public string File { get; }

    public string Uid => _root.GetProperty("uid").GetString()!;

    public string Title => _root.GetProperty("title").GetString()!;

    public IReadOnlyList<GrafanaPanel> Panels => [.. _root.GetProperty("panels").EnumerateArray().Select(panel => new GrafanaPanel(panel))];

    /// <summary>Those that an operator chooses by, and the data source.</summary>
    public IReadOnlyList<GrafanaVariable> Variables => [.. _root.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => new GrafanaVariable(variable))];

    public IEnumerable<string> Links => _root.GetProperty("links").EnumerateArray().Select(link => link.GetProperty("url").GetString()!);

    /// <summary>Every expression that a panel or variable asks Prometheus, with where it is.</summary>
    public IEnumerable<PrometheusQuery> Queries =>
    [
        .. Panels.SelectMany(panel => panel.Expressions.Select((expression, number) => new PrometheusQuery($"{Title} / {panel.Title} / {(char)('A' + number)}", expression))),
        .. Variables.Where(variable => variable.Type == "query").Select(variable => new PrometheusQuery($"{Title} / variable {variable.Name}", variable.Series)),
    ];

    public static IReadOnlyList<GrafanaDashboard> ReadAll() => [.. Directory.EnumerateFiles(RepositoryFiles.PathOf(Folder), "*.json").Order(StringComparer.Ordinal)
        .Select(file => new GrafanaDashboard(Path.GetFileName(file), JsonDocument.Parse(System.IO.File.ReadAllBytes(file)).RootElement))];

    public override string ToString() => File;
}

internal sealed class GrafanaPanel(JsonElement panel)
{
    public int Id => panel.GetProperty("id").GetInt32();

    public string Type => panel.GetProperty("type").GetString()!;

    public string Title => panel.GetProperty("title").GetString()!;

    public string? Description => panel.TryGetProperty("description", out var description) ? description.GetString() : null;

    public string? DataSource => panel.TryGetProperty("datasource", out var source) ? source.GetProperty("uid").GetString() : null;

    public string? Unit => panel.TryGetProperty("fieldConfig", out var config) ? config.GetProperty("defaults").GetProperty("unit").GetString() : null;

    public bool Asks => Type is not ("row" or "text");

    public (int X, int Y, int Width, int Height) Place
    {
        get
        {
            var place = panel.GetProperty("gridPos");
            return (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32(), place.GetProperty("w").GetInt32(), place.GetProperty("h").GetInt32());
        }
    }

    public IReadOnlyList<JsonElement> Targets => panel.TryGetProperty("targets", out var targets) ? [.. targets.EnumerateArray()] : [];

    public IEnumerable<string> Expressions => Targets.Select(target => target.GetProperty("expr").GetString()!);

    public override string ToString() => Title;
}

internal sealed class GrafanaVariable(JsonElement variable)
{
    public string Name => variable.GetProperty("name").GetString()!;

    public string Type => variable.GetProperty("type").GetString()!;

    public string Definition => variable.GetProperty("query") is { ValueKind: JsonValueKind.Object } query ? query.GetProperty("query").GetString()! : variable.GetProperty("query").GetString()!;

    /// <summary>The series that <c>label_values(series, label)</c> takes the label from, restricted to those that have it.</summary>
    public string Series
    {
        get
        {
            var arguments = Definition["label_values(".Length..^1].Split(", ");
            return $$"""{{arguments[0]}}{{{arguments[1]}}!=""}""";
        }
    }
}

/// <summary>Something that is asked of Prometheus, and where.</summary>
internal sealed record PrometheusQuery(string Place, string Expression);
