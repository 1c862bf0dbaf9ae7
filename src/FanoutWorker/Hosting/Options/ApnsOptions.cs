using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>Where APNs is and how hard one worker may push it.</summary>
internal sealed class ApnsOptions
{
    [Setting("Most connections of one app at a time and worker; apps with the same credential and environment share them.")]
    [Range(1, 64)]
    public int MaxConnectionsPerApp { get; init; } = 8;

    [Setting("Longest wait for one answer, from write to status line.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    [Setting("A simulator or a proxy in Apple's place, for every app.", Unset = "Apple", Allowed = "`https://host[:port]`")]
    public Uri? EndpointOverride { get; init; }

    [Setting("A PEM file with the only roots trusted for APNs: a simulator's own.", Unset = "the machine's roots")]
    public string? TrustedCaFile { get; init; }
}
