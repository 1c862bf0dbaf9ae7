using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PushFanout.Testing;

/// <summary>What a Prometheus of a test scrapes and evaluates.</summary>
public sealed record PrometheusServerOptions
{
    /// <summary>Who is asked for <c>/metrics</c>, as <c>host:port</c>.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];
    /// <summary>The label <c>job</c> of everything scraped.</summary>
    public string Job { get; init; } = "pushfanout";
    /// <summary>How often targets are scraped and rules evaluated.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>Rule files, as absolute paths.</summary>
    public IReadOnlyList<string> RuleFiles { get; init; } = [];
    /// <summary>A whole configuration as YAML or JSON, instead of all the above.</summary>
    public string? Configuration { get; init; }
}

/// <summary>One series of an answer: its labels, with <c>__name__</c> where it has one, and its value.</summary>
public sealed record PrometheusSample(IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>The value of a label; empty when it has none, which is the same to Prometheus.</summary>
    public string this[string label] => Labels.GetValueOrDefault(label, "");
}

/// <summary>A target as Prometheus sees it; <paramref name="LastError"/> says what was wrong with the last scrape, empty when nothing was.</summary>
public sealed record PrometheusTarget(string Address, string Health, string LastError);

/// <summary>A private Prometheus on loopback, with its own configuration and data folder: nothing of an installed one is read or changed.</summary>
public sealed class PrometheusServer : ServerProcess
{
    private readonly PrometheusServerOptions _options;
    private readonly HttpClient _http;

    private PrometheusServer(int port, PrometheusServerOptions options) : base("prometheus", port)
    {
        _options = options;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(15) };
    }

    /// <summary>Where its HTTP API is.</summary>
    public Uri Url => _http.BaseAddress!;

    /// <summary>Starts a server and returns when it is ready; it begins to scrape at once.</summary>
    public static Task<PrometheusServer> StartAsync(PrometheusServerOptions options, CancellationToken cancellationToken = default) =>
        StartOnFreePortAsync(port => new PrometheusServer(port, options), cancellationToken);

    /// <summary>Evaluates a PromQL expression now.</summary>
    /// <returns>One sample per series; a scalar is one sample without labels.</returns>
    /// <exception cref="InvalidOperationException">Prometheus refused it; the message says why.</exception>
    public async Task<IReadOnlyList<PrometheusSample>> QueryAsync(string expression)
    {
        var data = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}").ConfigureAwait(false);
        var result = data.GetProperty("result");
        return data.GetProperty("resultType").GetString() == "scalar"
            ? [new PrometheusSample(new Dictionary<string, string>(), ValueOf(result))]
            : [.. result.EnumerateArray().Select(series => new PrometheusSample(
                series.GetProperty("metric").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!), ValueOf(series.GetProperty("value"))))];
    }

    /// <summary>Evaluates a PromQL expression for every second since a moment.</summary>
    /// <returns>One list for each series, of the values that it had.</returns>
    /// <exception cref="InvalidOperationException">Prometheus refused it; the message says why.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<double>>> QuerySinceAsync(DateTimeOffset since, string expression)
    {
        var until = TimeProvider.System.GetUtcNow();
        var data = await GetAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"/api/v1/query_range?query={Uri.EscapeDataString(expression)}&start={since.ToUnixTimeSeconds()}&end={until.ToUnixTimeSeconds()}&step=1")).ConfigureAwait(false);
        return [.. data.GetProperty("result").EnumerateArray().Select(series => (IReadOnlyList<double>)[.. series.GetProperty("values").EnumerateArray().Select(ValueOf)])];
    }

    /// <summary>The sum over all series of an expression; null when there is none, which is not the same as 0.</summary>
    public async Task<double?> SumAsync(string expression) =>
        await QueryAsync(expression).ConfigureAwait(false) is { Count: > 0 } samples ? samples.Sum(sample => sample.Value) : null;

    /// <summary>The targets and how their last scrape went.</summary>
    public async Task<IReadOnlyList<PrometheusTarget>> TargetsAsync() =>
        [.. (await GetAsync("/api/v1/targets?state=active").ConfigureAwait(false)).GetProperty("activeTargets").EnumerateArray().Select(target => new PrometheusTarget(
            target.GetProperty("labels").GetProperty("instance").GetString()!, target.GetProperty("health").GetString()!, target.GetProperty("lastError").GetString()!))];

    /// <summary>Names of the alerts that fire now.</summary>
    public async Task<IReadOnlyList<string>> FiringAsync() =>
        [.. (await GetAsync("/api/v1/alerts").ConfigureAwait(false)).GetProperty("alerts").EnumerateArray()
            .Where(alert => alert.GetProperty("state").GetString() == "firing").Select(alert => alert.GetProperty("labels").GetProperty("alertname").GetString()!)];

    /// <summary>Any other part of the API, for example <c>/api/v1/metadata</c>.</summary>
    /// <returns>The answer's <c>data</c>.</returns>
    public async Task<JsonElement> GetAsync(string pathAndQuery)
    {
        using var answer = await _http.GetAsync(new Uri(pathAndQuery, UriKind.Relative)).ConfigureAwait(false);
        var body = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(body).RootElement.GetProperty("data")
            : throw new InvalidOperationException($"Prometheus answers {(int)answer.StatusCode}: {body}");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private protected override TimeSpan StartDeadline => Eventually.Patience;

    private protected override (ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, bool>) Handshake =>
        (Encoding.ASCII.GetBytes("GET /-/ready HTTP/1.0\r\n\r\n"), answer => Encoding.ASCII.GetString(answer.Span).Contains(" 200 ", StringComparison.Ordinal));

    private protected override ChildProcess Launch()
    {
        var configuration = Path.Combine(Folder, "prometheus.yml");
        File.WriteAllText(configuration, _options.Configuration ?? Configuration());
        return ChildProcess.Start(
            Programs.Find("prometheus"),
            [
                $"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(Folder, "data")}", "--storage.tsdb.retention.time=1d",
                $"--web.listen-address=127.0.0.1:{Port}", "--log.level=warn",
            ],
            workingDirectory: Folder);
    }

    /// <summary>JSON is YAML, and nothing in it has to be quoted by hand.</summary>
    private string Configuration()
    {
        var interval = string.Create(CultureInfo.InvariantCulture, $"{_options.Interval.TotalMilliseconds:0}ms");
        return JsonSerializer.Serialize(new
        {
            global = new { scrape_interval = interval, scrape_timeout = interval, evaluation_interval = interval },
            rule_files = _options.RuleFiles,
            scrape_configs = new[] { new { job_name = _options.Job, static_configs = new[] { new { targets = _options.Targets } } } },
        });
    }

    private static double ValueOf(JsonElement pair) => pair[1].GetString() switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.Parse(text!, CultureInfo.InvariantCulture),
    };
}
