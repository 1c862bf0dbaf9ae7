using Microsoft.Extensions.Logging;
using PushFanout.Apns;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Tests.Telemetry;

public sealed class ApnsConnectionLogTests
{
    [Fact]
    public void What_APNs_says_at_the_end_is_a_line_and_what_is_ordinary_is_none_by_default()
    {
        var lines = new Lines();
        var log = new ApnsConnectionLog(lines);
        ApnsConnectionEvent[] events =
        [
            new(ApnsConnectionEventKind.Opened, "apns:443"),
            new(ApnsConnectionEventKind.Closed, "apns:443", ApnsConnectionEnd.Idle),
            new(ApnsConnectionEventKind.ConnectFailed, "apns:443", Detail: "TLS handshake failed"),
            new(ApnsConnectionEventKind.Closed, "apns:443", ApnsConnectionEnd.GoAway, "GOAWAY NO_ERROR: Shutdown"),
            new(ApnsConnectionEventKind.Closed, "apns:443", ApnsConnectionEnd.Stalled, "no answer came"),
        ];
        Array.ForEach(events, happened => log.Write("main", happened));
        Assert.Equal(
            [
                "Warning Credential main: no connection to apns:443: TLS handshake failed",
                "Information Credential main: a connection to apns:443 has ended, GoAway: GOAWAY NO_ERROR: Shutdown",
                "Warning Credential main: a connection to apns:443 has ended, Stalled: no answer came",
            ],
            lines.Written);
    }

    private sealed class Lines : ILogger<ApnsConnectionLog>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add($"{logLevel} {formatter(state, exception)}");
    }
}
