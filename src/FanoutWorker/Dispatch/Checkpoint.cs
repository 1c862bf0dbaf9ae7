namespace PushFanout.Worker.Dispatch;

/// <summary>When the outcomes of a run are written without waiting for the interval.</summary>
/// <param name="Every">So many outcomes that wait are enough.</param>
/// <param name="Wake">Calls the flusher.</param>
internal readonly record struct Checkpoint(int Every, Action Wake);
