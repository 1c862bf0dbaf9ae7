namespace PushFanout.Chaos.Worker;

/// <summary>Where in the work a worker dies. Each names the moment between two effects that a crash must not tear apart.</summary>
internal enum KillStage
{
    /// <summary>Record and plan are written, nothing is published.</summary>
    Create,
    /// <summary>Some of the ranges handed out are published.</summary>
    BetweenRanges,
    /// <summary>A range's content is fixed, none of its batches published.</summary>
    Snap,
    /// <summary>Some batches of a range are published.</summary>
    BatchPublish,
    /// <summary>All batches of a range are published, and that is not noted.</summary>
    Expanded,
    /// <summary>A batch is claimed, nothing of it sent.</summary>
    Claim,
    /// <summary>Pushes of a batch are under way.</summary>
    MidWindow,
    /// <summary>Outcomes are known to the worker alone.</summary>
    BeforeSettle,
    /// <summary>Outcomes are written, the delivery is not acknowledged.</summary>
    AfterSettle,
    /// <summary>The next attempt is published, and the ledger does not know.</summary>
    BeforeAdvance,
    /// <summary>A batch is done but for its acknowledgement.</summary>
    BeforeAck,
    /// <summary>The totals are frozen and not published.</summary>
    Finish,
    /// <summary>The totals are published and the record is open.</summary>
    Close,
    /// <summary>So many milliseconds after the worker consumes.</summary>
    Time,
}

internal static class KillStages
{
    public static IReadOnlyList<KillStage> All { get; } = Enum.GetValues<KillStage>();

    /// <summary>As it is written on command lines and in reports: <c>batch-publish</c>.</summary>
    public static string Word(this KillStage stage) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(stage.ToString());

    public static bool TryParse(string word, out KillStage stage)
    {
        stage = All.FirstOrDefault(candidate => candidate.Word() == word);
        return stage.Word() == word;
    }
}
