using System.ComponentModel.DataAnnotations;
using PushFanout.Apns;

namespace PushFanout.Worker.Hosting;

/// <summary>An app: one bundle in one of Apple's two environments.</summary>
internal sealed class AppOptions
{
    /// <summary>The topic, that is the bundle id, with its suffix where the push type needs one. Letters, digits, dots and hyphens. Required.</summary>
    [Required, RegularExpression("^[A-Za-z0-9][A-Za-z0-9.-]{0,254}$")]
    public string Topic { get; init; } = "";

    /// <summary><c>production</c> or <c>sandbox</c>. Required: with the wrong one every token looks dead.</summary>
    [Required]
    public ApnsEnvironment? Environment { get; init; }

    /// <summary>A name from <see cref="PushFanoutOptions.Credentials"/>. Required.</summary>
    [Required]
    public string Credential { get; init; } = "";

    /// <summary>Most pushes per second over all workers. 1–1,000,000, default no limit.</summary>
    [Range(1, 1_000_000)]
    public int? PushesPerSecond { get; init; }

    /// <summary>Largest audience that a request may have. 1–1,000,000,000, default no limit.</summary>
    [Range(1L, 1_000_000_000L)]
    public long? MaxAudience { get; init; }

    /// <summary>Who may ask, by a request's <c>source</c>; <c>*</c> is everyone. Default <c>*</c>.</summary>
    public IReadOnlyList<string> AllowedSources { get; init; } = ["*"];

    /// <summary>Until when a request without a deadline is tried. 1 min–30 d, default 6 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan DefaultDeadline { get; init; } = TimeSpan.FromHours(6);

    /// <summary>
    /// How many pieces the token sets are cut into, fixed when the app is first used; about one for every thousand devices.
    /// 1–65,536, default 1024.
    /// </summary>
    [Range(1, 65_536)]
    public int Shards { get; init; } = 1024;

    public override string ToString() => $"{Topic} in {Environment}";
}
