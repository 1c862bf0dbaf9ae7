using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>A way for a request to the workers, and for its end back.</summary>
internal interface IRequestRoute : IAsyncDisposable
{
    /// <summary>Returns when the broker has the request for good.</summary>
    /// <returns>What a worker finds wrong with it, where the route can tell at once; otherwise empty.</returns>
    Task<IReadOnlyList<ContractFault>> PublishAsync(NotificationRequested request, CancellationToken stop);

    /// <summary>Waits for the end of a request that was published by this route.</summary>
    Task<SendEnd> WaitAsync(Guid id, TimeSpan timeout, IProgress<Advance> progress, CancellationToken stop);
}

/// <summary>What became of a request.</summary>
/// <param name="Json">The last that was heard, as it came; null when nothing was.</param>
/// <param name="Summary">The same in figures; null when the request was refused or nothing was heard.</param>
/// <param name="IsDone">Whether the notification has come to its end.</param>
/// <param name="Faults">Why it was refused, or why there is no end.</param>
internal sealed record SendEnd(string? Json, NotificationSummary? Summary, bool IsDone, IReadOnlyList<ContractFault> Faults);
