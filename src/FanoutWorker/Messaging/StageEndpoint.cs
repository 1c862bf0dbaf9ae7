namespace PushFanout.Worker.Messaging;

/// <summary>A queue that this process consumes.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Slots">How many deliveries are handled at a time.</param>
/// <param name="Prefetch">How many the broker may hand over ahead; at least <paramref name="Slots"/>.</param>
/// <param name="Handler">What is done with each.</param>
/// <param name="BeforeGivingUp">
/// Called before a message is parked because handling it failed again and again: closes the books of what it carries. Its answer
/// takes the place of the parking; null when there is nothing to close.
/// </param>
/// <param name="AlsoFrom">Public exchanges that feed the queue besides the one of its own name.</param>
internal sealed record StageEndpoint(string Queue, int Slots, int Prefetch, StageHandler Handler, StageHandler? BeforeGivingUp = null, IReadOnlyList<string>? AlsoFrom = null);
