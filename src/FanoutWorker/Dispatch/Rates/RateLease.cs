namespace PushFanout.Worker.Dispatch;

/// <summary>The answer to a worker that asked for permits.</summary>
/// <param name="Permits">How many pushes may start; 0 when the rate is booked too far ahead.</param>
/// <param name="Wait">Until the first of them may start; with no permits, until the first that is not booked.</param>
internal readonly record struct RateLease(int Permits, TimeSpan Wait);
