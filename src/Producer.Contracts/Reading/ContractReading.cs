namespace PushFanout.Contracts;

/// <summary>
/// What became of reading a message. Exactly one holds: <see cref="Message"/> is there; <see cref="Faults"/> has entries;
/// <see cref="Unreadable"/> is there.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
/// <param name="Message">The message, checked; null when anything was wrong.</param>
/// <param name="Origin">Whom to answer, as far as it could be read; also when there are faults.</param>
/// <param name="Faults">Everything that is wrong with it, at once. At most 100, then <see cref="FaultCodes.MoreFaults"/>.</param>
/// <param name="Unreadable">Why it is no JSON that can be read at all.</param>
public sealed record ContractReading<T>(T? Message, MessageOrigin Origin, IReadOnlyList<ContractFault> Faults, UnreadableMessage? Unreadable)
    where T : class;

/// <summary>Who sent a message and what it was about. What is here is well-formed, and what was not is null.</summary>
/// <param name="NotificationId">The notification id, also when it is all zero.</param>
/// <param name="App">The app.</param>
/// <param name="Source">The source.</param>
/// <param name="Reference">The reference.</param>
public sealed record MessageOrigin(Guid? NotificationId = null, string? App = null, string? Source = null, string? Reference = null);
