using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Brakes;

/// <summary>The numbers that the brake, probation and the removal of tokens go by; the same for every worker.</summary>
/// <param name="Share">See <see cref="BrakeOptions.Share"/>.</param>
/// <param name="MinimumAnswers">See <see cref="BrakeOptions.MinimumAnswers"/>.</param>
/// <param name="Window">See <see cref="BrakeOptions.Window"/>.</param>
/// <param name="MaxRemovalsPerMinute">See <see cref="BrakeOptions.MaxRemovalsPerMinute"/>.</param>
internal sealed record BrakeRules(double Share, int MinimumAnswers, TimeSpan Window, int MaxRemovalsPerMinute)
{
    /// <summary>The window moves on in so many steps.</summary>
    public const int Buckets = 6;

    /// <summary>Pushes that an app without a good answer has outstanding at most, over all workers; doubles with every so many good answers.</summary>
    public const int ProbationPushes = 500;

    /// <summary>Good answers that end the probation: what would be allowed then is more than a pool of connections carries.</summary>
    public const int TrustedFrom = 5 * ProbationPushes;

    /// <summary>Pushes that try whether a refused credential is accepted now.</summary>
    public const int TrialPushes = 10;

    /// <summary>Good answers are forgotten this long after the last one.</summary>
    public static TimeSpan GoodFor { get; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an app rests whose credential was refused; twice as long each time, up to <see cref="LongestRest"/>.</summary>
    public static TimeSpan FirstRest { get; } = TimeSpan.FromSeconds(30);

    /// <summary>See <see cref="FirstRest"/>.</summary>
    public static TimeSpan LongestRest { get; } = TimeSpan.FromMinutes(10);

    /// <summary>The pushes of a worker that has been silent for this long are no longer outstanding: it is dead.</summary>
    public static TimeSpan WorkerGoneAfter { get; } = TimeSpan.FromSeconds(15);

    /// <summary>After a release unregistered answers open the brake no more for this long: the operator has said that they are right.</summary>
    public static TimeSpan CarryOn { get; } = TimeSpan.FromHours(1);

    /// <summary>How long what is not open stays known; longer than anything rests in quarantine.</summary>
    public static TimeSpan Remembered { get; } = TimeSpan.FromDays(30);

    public TimeSpan Bucket => Window / Buckets;

    public static BrakeRules Of(BrakeOptions options) => new(options.Share, options.MinimumAnswers, options.Window, options.MaxRemovalsPerMinute);

    /// <summary>Pushes that may be outstanding after so many good answers.</summary>
    public static int Allowance(long good, int refusals) =>
        refusals > 0 ? TrialPushes : good >= TrustedFrom ? int.MaxValue : ProbationPushes << (int)(good / ProbationPushes);
}
