using Microsoft.Extensions.Configuration;

namespace PushFanout.Worker.Telemetry;

/// <summary>Which signals the environment wants exported, by the variables that OpenTelemetry's specification names. The SDK reads all the others itself.</summary>
internal readonly record struct OtlpSettings(bool Metrics, bool Traces)
{
    public static OtlpSettings Of(IConfiguration configuration)
    {
        return new OtlpSettings(Wanted("METRICS"), Wanted("TRACES"));

        bool Wanted(string signal) =>
            !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
            && !string.Equals(configuration[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase)
            && (Given("OTEL_EXPORTER_OTLP_ENDPOINT") || Given($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"));

        bool Given(string name) => !string.IsNullOrWhiteSpace(configuration[name]);
    }
}
