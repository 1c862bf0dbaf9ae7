namespace PushFanout.Worker.Messaging;

/// <summary>Reads a delivery as one of the worker's own messages.</summary>
internal static class IncomingWork
{
    /// <returns>Null when <paramref name="work"/> was read; otherwise what is to become of the delivery.</returns>
    public static Disposition? TryRead<T>(IncomingMessage message, out T work) where T : class
    {
        var problem = WorkMessageFormat.TryRead(message.Body, out var read);
        work = (read as T)!;
        return problem == WorkMessageFormat.ReadProblem.Newer ? Disposition.Later(WaitTier.FiveSeconds, "newer format")
            : work is null ? Disposition.Park($"not a {typeof(T).Name} that a worker wrote")
            : null;
    }
}
