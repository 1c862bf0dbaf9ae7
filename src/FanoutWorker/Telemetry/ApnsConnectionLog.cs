using Microsoft.Extensions.Logging;
using PushFanout.Apns;

namespace PushFanout.Worker.Telemetry;

/// <summary>What APNs said when it ended or refused a connection, as Apple asks to log it; metrics count how often. The client backs off, so lines are few.</summary>
internal sealed partial class ApnsConnectionLog(ILogger<ApnsConnectionLog> logger)
{
    /// <param name="credential">Its name in the settings.</param>
    public void Write(string credential, ApnsConnectionEvent happened)
    {
        switch (happened.Kind)
        {
            case ApnsConnectionEventKind.Opened:
                Opened(credential, happened.Endpoint);
                break;
            case ApnsConnectionEventKind.ConnectFailed:
                ConnectFailed(credential, happened.Endpoint, happened.Detail);
                break;
            case ApnsConnectionEventKind.Closed when happened.End is { } end:
                var level = LevelOf(end);
                Closed(level, credential, happened.Endpoint, end, happened.Detail);
                break;
        }
    }

    private static LogLevel LevelOf(ApnsConnectionEnd end) => end switch
    {
        ApnsConnectionEnd.Disposed or ApnsConnectionEnd.Idle or ApnsConnectionEnd.Recycled => LogLevel.Debug,
        ApnsConnectionEnd.GoAway or ApnsConnectionEnd.ServerStopping => LogLevel.Information,
        _ => LogLevel.Warning,
    };

    [LoggerMessage(3030, LogLevel.Debug, "Credential {Credential}: connected to {Endpoint}")]
    private partial void Opened(string credential, string endpoint);

    [LoggerMessage(3031, LogLevel.Warning, "Credential {Credential}: no connection to {Endpoint}: {Detail}")]
    private partial void ConnectFailed(string credential, string endpoint, string? detail);

    [LoggerMessage(EventId = 3032, Message = "Credential {Credential}: a connection to {Endpoint} has ended, {End}: {Detail}")]
    private partial void Closed(LogLevel level, string credential, string endpoint, ApnsConnectionEnd end, string? detail);
}
