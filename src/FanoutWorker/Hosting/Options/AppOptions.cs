using System.ComponentModel.DataAnnotations;
using PushFanout.Apns;

namespace PushFanout.Worker.Hosting;

/// <summary>An app: one bundle in one of Apple's two environments.</summary>
internal sealed class AppOptions
{
    [Setting("The bundle id, with its suffix where the push type needs one.", Allowed = "letters, digits, dots, hyphens")]
    [Required, RegularExpression("^[A-Za-z0-9][A-Za-z0-9.-]{0,254}$")]
    public string Topic { get; init; } = "";

    [Setting("With the wrong one every token looks dead.")]
    [Required]
    public ApnsEnvironment? Environment { get; init; }

    [Setting("A name from `Credentials`.")]
    [Required]
    public string Credential { get; init; } = "";

    [Setting("Most pushes per second of all workers together; they share it through Redis.", Unset = "no limit")]
    [Range(1, 1_000_000)]
    public int? PushesPerSecond { get; init; }

    [Setting("A request with a larger audience is refused.", Unset = "no limit")]
    [Range(1L, 1_000_000_000L)]
    public long? MaxAudience { get; init; }

    [Setting("Who may ask, by the request's `source`; `*` is everyone.", Allowed = "a list, or one text with commas")]
    public IReadOnlyList<string> AllowedSources { get; init; } = ["*"];

    [Setting("Until when a request without a deadline is tried.")]
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan DefaultDeadline { get; init; } = TimeSpan.FromHours(6);

    [Setting("Into how many pieces the token sets are cut, fixed when the app is first used; about one for every thousand devices.")]
    [Range(1, 65_536)]
    public int Shards { get; init; } = 1024;

    public override string ToString() => $"{Topic} in {Environment}";
}
