using System.Globalization;

namespace PushFanout.Chaos.Worker;

/// <summary>A worker's death, decided before it starts.</summary>
/// <param name="Stage">Where.</param>
/// <param name="Event">The how manieth event of that stage kills it, from 1; of <see cref="KillStage.Time"/>: milliseconds.</param>
internal sealed record KillOrder(KillStage Stage, int Event)
{
    /// <summary>Set in the environment of the worker that is to die.</summary>
    public const string Variable = "CHAOS_KILL";

    /// <summary>Null when nothing is ordered.</summary>
    public static KillOrder? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        var parts = text.Split(':');
        return parts.Length == 2 && KillStages.TryParse(parts[0], out var stage) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new KillOrder(stage, number)
            : throw new FormatException($"{Variable} is stage:number, for example snap:2; it is '{text}'.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stage.Word()}:{Event}");
}
