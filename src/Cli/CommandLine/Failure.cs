using System.Net.Sockets;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Cli;

/// <summary>A failure that an operator can do something about, in plain words. Anything else is a bug, and ends with its stack trace.</summary>
internal sealed record Failure(string Text, int ExitCode)
{
    /// <returns>Null when the exception is not one of those that are expected.</returns>
    public static Failure? Of(Exception exception) => exception switch
    {
        UnusableSettingsException or TopologyConflictException or ShardCountMismatchException or UnsuitableRedisException => new(exception.Message, ExitCodes.Configuration),
        TokenCacheUnavailableException => new(exception.Message, ExitCodes.Failure),
        // The library's own text ends with the reason of every address; the last one says what an operator wants to know.
        BrokerUnreachableException => new($"RabbitMQ cannot be reached: {Innermost(exception).Message}", ExitCodes.Failure),
        UsageException => new(exception.Message, ExitCodes.Usage),
        ApiException or RouteMissingException or MissingException => new(exception.Message, ExitCodes.Failure),
        OperationInterruptedException refused => new($"RabbitMQ refuses: {refused.ShutdownReason?.ReplyText ?? refused.Message}", ExitCodes.Failure),
        BrokerUnavailableException => new($"RabbitMQ: {exception.Message}", ExitCodes.Failure),
        OperationCanceledException { InnerException: TimeoutException } => new("The worker does not answer in time.", ExitCodes.Failure),
        InvalidDataException or IOException or UnauthorizedAccessException or SocketException or TimeoutException or HttpRequestException => new(exception.Message, ExitCodes.Failure),
        _ => null,
    };

    /// <summary>What is at the bottom of an exception.</summary>
    public static Exception Innermost(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [.., var last] } => Innermost(last),
        { InnerException: { } inner } => Innermost(inner),
        _ => exception,
    };
}
