namespace PushFanout.Cli;

/// <summary>What was asked for is not possible, as is seen only when it is read; the message begins with the option. Nothing was done.</summary>
internal sealed class UsageException(string message) : Exception(message);
