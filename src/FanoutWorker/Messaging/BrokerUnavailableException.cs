namespace PushFanout.Worker.Messaging;

/// <summary>
/// The broker did not confirm a message in time, or said no. Whether it has the message is not known: whoever published repeats
/// it, and receivers recognise the copy. Caught in one place, <see cref="StageFilter"/>, where it becomes a redelivery.
/// </summary>
internal sealed class BrokerUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
