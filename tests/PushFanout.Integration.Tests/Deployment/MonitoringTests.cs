using System.Globalization;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>That Prometheus and Grafana in the compose file find what they need: the workers, RabbitMQ, the rules, the dashboards, and each other.</summary>
public sealed class MonitoringTests
{
    private readonly ComposeFile _file = ComposeFile.Read();

    private ComposeService Prometheus => _file.Services["prometheus"];

    private ComposeService Grafana => _file.Services["grafana"];

    [Fact]
    public void Who_does_not_ask_for_monitoring_gets_none()
    {
        Assert.Equal(["monitoring"], Prometheus.Profiles);
        Assert.Equal(["monitoring"], Grafana.Profiles);
        Assert.All(_file.Services.Values.Where(service => service.Profiles.Count == 0), service => Assert.DoesNotContain(service.DependsOn.Keys, name => _file.Services[name].Profiles.Count > 0));
    }

    [Fact]
    public void Prometheus_asks_services_that_are_there_at_ports_where_they_answer()
    {
        var jobs = PrometheusFile.Read().ScrapeConfigs.ToDictionary(job => job.JobName);
        Assert.Equal(["pushfanout", "rabbitmq", "rabbitmq-queues"], jobs.Keys); // names that rules and dashboards know

        var workers = Assert.Single(jobs["pushfanout"].DnsSdConfigs);
        Assert.Equal("worker", Assert.Single(workers.Names));
        Assert.Equal(new Uri(_file.Services["worker"].Environment["PushFanout__Http__Urls"]).Port, workers.Port);

        // 15692 is the plugin's own port; the file that turns it on is mounted.
        Assert.All([jobs["rabbitmq"], jobs["rabbitmq-queues"]], job => Assert.Equal("rabbitmq:15692", Assert.Single(Assert.Single(job.StaticConfigs).Targets)));
        var plugins = Assert.Single(_file.Services["rabbitmq"].Files, mount => mount.Target == "/etc/rabbitmq/enabled_plugins");
        Assert.Equal("[rabbitmq_management,rabbitmq_prometheus].", File.ReadAllText(RepositoryFiles.PathOf(plugins.Source)).Trim());
    }

    [Fact]
    public void Prometheus_reads_the_configuration_and_the_rules_that_are_mounted()
    {
        var mount = Assert.Single(Prometheus.Files);
        Assert.Contains($"--config.file={mount.Target}/prometheus.yml", Prometheus.Command);
        Assert.Equal(["alerts.yml"], PrometheusFile.Read().RuleFiles);
        Assert.Equal(Path.GetDirectoryName(RepositoryFiles.PathOf(AlertRules.File)), RepositoryFiles.PathOf(mount.Source));
    }

    [Fact]
    public void Grafana_finds_its_data_source_and_its_dashboards()
    {
        var mounts = Grafana.Files.ToDictionary(mount => mount.Target, mount => RepositoryFiles.PathOf(mount.Source));
        var provisioning = mounts["/etc/grafana/provisioning"];

        var source = Assert.Single(Yaml.Read<GrafanaSources>(Path.Combine(provisioning, "datasources/prometheus.yml"), ignoreUnmatched: true).Datasources);
        Assert.Equal("prometheus", source.Type);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"http://prometheus:{Assert.Single(Prometheus.OpenPorts).Port}"), source.Url);

        var provider = Assert.Single(Yaml.Read<GrafanaProviders>(Path.Combine(provisioning, "dashboards/pushfanout.yml"), ignoreUnmatched: true).Providers);
        Assert.Equal(RepositoryFiles.PathOf(GrafanaDashboard.Folder), mounts[provider.Options["path"]]);
        Assert.Equal($"{provider.Options["path"]}/overview.json", Grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]);
    }

    private sealed class PrometheusFile
    {
        public List<string> RuleFiles { get; init; } = [];
        public List<Job> ScrapeConfigs { get; init; } = [];

        public static PrometheusFile Read() => Yaml.Read<PrometheusFile>("deploy/prometheus/prometheus.yml", ignoreUnmatched: true);
    }

    private sealed class Job
    {
        public string JobName { get; init; } = "";
        public List<Discovery> DnsSdConfigs { get; init; } = [];
        public List<Addresses> StaticConfigs { get; init; } = [];
    }

    private sealed class Discovery
    {
        public List<string> Names { get; init; } = [];
        public int Port { get; init; }
    }

    private sealed class Addresses
    {
        public List<string> Targets { get; init; } = [];
    }

    private sealed class GrafanaSources
    {
        public List<GrafanaSource> Datasources { get; init; } = [];
    }

    private sealed class GrafanaSource
    {
        public string Type { get; init; } = "";
        public string Url { get; init; } = "";
    }

    private sealed class GrafanaProviders
    {
        public List<GrafanaProvider> Providers { get; init; } = [];
    }

    private sealed class GrafanaProvider
    {
        public Dictionary<string, string> Options { get; init; } = [];
    }
}
