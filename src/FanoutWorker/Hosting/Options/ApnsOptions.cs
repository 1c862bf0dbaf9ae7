using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>Where APNs is and how hard one worker may push it.</summary>
internal sealed class ApnsOptions
{
    /// <summary>Most connections of one app at a time. 1–64, default 8.</summary>
    [Range(1, 64)]
    public int MaxConnectionsPerApp { get; init; } = 8;

    /// <summary>Longest wait for one answer, from write to status line. 100 ms–1 min, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>https://host[:port]</c> of a simulator or a proxy, for every app. Default none: Apple.</summary>
    public Uri? EndpointOverride { get; init; }

    /// <summary>PEM file with the only roots trusted for APNs, that is a simulator's own. Default none: the machine's trust store.</summary>
    public string? TrustedCaFile { get; init; }
}
