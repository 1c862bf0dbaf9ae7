using System.Globalization;
using MassTransit;
using Microsoft.Extensions.Logging;
using PushFanout.TokenCache;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Messaging;

/// <summary>What one stage does with a delivery. It may throw for infrastructure only what <see cref="StageFilter"/> knows.</summary>
/// <param name="message">The delivery, not yet read.</param>
/// <param name="stopping">Fires when the worker is to stop: finish quickly or hand back.</param>
internal delegate Task<Disposition> StageHandler(IncomingMessage message, CancellationToken stopping);

/// <summary>
/// Stands between the broker and a stage. Nothing that goes wrong here may lose a message or spin: Redis away holds it for a
/// while and then lets it rest, a failure nobody expected lets it rest longer each time and parks it in the end, the broker
/// away makes it a redelivery. MassTransit's own error queue is never reached.
/// </summary>
internal sealed partial class StageFilter(
    StageEndpoint endpoint, MessageSender sender, FanoutMetrics metrics, TimeProvider clock, ILogger logger, CancellationToken stopping)
    : IFilter<ReceiveContext>
{
    /// <summary>How long a message is held for Redis to come back before it goes to a wait queue.</summary>
    private static readonly TimeSpan HoldLimit = TimeSpan.FromSeconds(30);

    /// <summary>Before the first redelivery; doubled for each further one, for every one counts towards the broker's limit.</summary>
    private static readonly TimeSpan PauseBeforeRedelivery = TimeSpan.FromMilliseconds(500);

    private const int MostDoublings = 5;
    private static readonly TimeSpan PauseWhileStopping = TimeSpan.FromMilliseconds(100);

    /// <summary>Unexpected failures before a message is parked.</summary>
    private const int MaxFailures = 8;

    private static readonly WaitTier[] FailureTiers =
        [WaitTier.OneSecond, WaitTier.FiveSeconds, WaitTier.ThirtySeconds, WaitTier.ThirtySeconds, WaitTier.TwoMinutes, WaitTier.TwoMinutes, WaitTier.TenMinutes];

    private readonly string _queue = endpoint.Queue;

    public void Probe(ProbeContext context) => context.CreateFilterScope("pushfanout-stage");

    /// <summary>Returning acks the delivery; throwing gives it back to the broker. The rest of MassTransit's receive pipe is not needed.</summary>
    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var message = Read(context);
        var trail = Trail.Of(context.TransportHeaders);
        if (_queue == QueueNames.NotificationRequested && trail.PublishedAt is null)
        {
            trail = trail with { PublishedAt = PublishedAt(message) };
        }
        using var span = StageSpans.Start(_queue, trail, message.Body.Length);
        Trail.Current = trail.Request == default && span is not null ? trail with { Request = span.Context } : trail;
        var (disposition, failures) = stopping.IsCancellationRequested ? await LeaveToOthersAsync(message) : await HandleAsync(message, context);
        StageSpans.End(span, disposition);
        try
        {
            await FollowAsync(message, disposition, failures);
        }
        catch (BrokerUnavailableException failure)
        {
            await GiveBackAsync(failure, context);
        }
    }

    /// <summary>Delivered between the signal to stop and the end of consuming. Put back as a message, for a delivery refused is logged as a fault, and a stop is none.</summary>
    private async Task<(Disposition Disposition, int Failures)> LeaveToOthersAsync(IncomingMessage message)
    {
        await Task.Delay(PauseWhileStopping, clock, CancellationToken.None);
        return (Disposition.HandBack(), message.Failures);
    }

    private async Task<(Disposition Disposition, int Failures)> HandleAsync(IncomingMessage message, ReceiveContext context)
    {
        var started = clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(100); ; pause = Longer(pause))
        {
            try
            {
                return (await endpoint.Handler(message, stopping), message.Failures);
            }
            catch (TokenCacheUnavailableException failure)
            {
                if (clock.GetElapsedTime(started) + pause > HoldLimit)
                {
                    RedisAway(logger, _queue, failure.Message);
                    return (Disposition.Later(WaitTier.FiveSeconds, "redis"), message.Failures);
                }
            }
            catch (BrokerUnavailableException failure)
            {
                await GiveBackAsync(failure, context);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return (Disposition.HandBack(), message.Failures);
            }
            catch (Exception failure)
            {
                // The handler's own fault. The text of an exception may hold what must not be logged or stored: its type is enough to park by.
                HandlerFailed(logger, _queue, message.Failures + 1, failure.GetType().Name, failure.StackTrace);
                return message.Failures + 1 >= MaxFailures
                    ? (await GiveUpAsync(message, failure), message.Failures)
                    : (Disposition.Later(FailureTiers[Math.Min(message.Failures, FailureTiers.Length - 1)], "failure"), message.Failures + 1);
            }
            metrics.QueueHeld(_queue, "redis");
            try
            {
                await Task.Delay(pause, clock, stopping);
            }
            catch (OperationCanceledException)
            {
                return (Disposition.HandBack(), message.Failures);
            }
        }
    }

    private async Task<Disposition> GiveUpAsync(IncomingMessage message, Exception failure)
    {
        var park = Disposition.Park($"handling failed {MaxFailures} times, last with {failure.GetType().Name}", "failure");
        if (endpoint.BeforeGivingUp is null)
        {
            return park;
        }
        try
        {
            return await endpoint.BeforeGivingUp(message, stopping) is { } instead && instead != Disposition.Done ? instead : park;
        }
        catch (Exception closing)
        {
            HandlerFailed(logger, _queue, MaxFailures, closing.GetType().Name, closing.StackTrace);
            return Disposition.Later(WaitTier.TenMinutes, "failure");
        }
    }

    private Task FollowAsync(IncomingMessage message, Disposition disposition, int failures)
    {
        switch (disposition)
        {
            case Disposition.DoneDisposition:
                return Task.CompletedTask;
            case Disposition.LaterDisposition later:
                metrics.QueueHeld(_queue, later.Reason);
                return sender.ReturnLaterAsync(later.Tier, message, failures, CancellationToken.None);
            case Disposition.HandBackDisposition:
                return sender.ReturnNowAsync(message, CancellationToken.None);
            case Disposition.ParkDisposition park:
                Parked(logger, _queue, park.Reason);
                metrics.MessageParked(_queue, park.Kind);
                return sender.ParkAsync(message, park.Reason, CancellationToken.None);
            default:
                throw new InvalidOperationException($"unknown disposition {disposition.GetType().Name}");
        }
    }

    /// <summary>The broker gets the delivery back, a little later: at once would be a loop as fast as the network.</summary>
    private async Task GiveBackAsync(BrokerUnavailableException cause, ReceiveContext context)
    {
        try
        {
            await Task.Delay(PauseBeforeRedelivery * (1 << Math.Min(Redeliveries(context), MostDoublings)), clock, stopping);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the broker gets it back now.
        }
        throw cause;
    }

    /// <summary>As a quorum queue counts them.</summary>
    private static int Redeliveries(ReceiveContext context) =>
        context.TransportHeaders.TryGetHeader("x-delivery-count", out var count) && count is IConvertible number
            ? (int)Math.Min(number.ToInt64(CultureInfo.InvariantCulture), MostDoublings)
            : 0;

    private IncomingMessage Read(ReceiveContext context)
    {
        var failures = context.TransportHeaders.Get<int>(MessageHeaders.Failures) ?? 0;
        var sentAt = ReadTime(context, MessageHeaders.FirstSentAt) is { } first
            ? first
            : context.GetSentTime() is { } sent ? new DateTimeOffset(DateTime.SpecifyKind(sent, DateTimeKind.Utc)) : (DateTimeOffset?)null;
        var exchange = context.TransportHeaders.TryGetHeader(MessageHeaders.Exchange, out var named) && named is string { Length: > 0 } kept ? kept
            : context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery) ? delivery.Exchange
            : "";
        return new IncomingMessage(
            _queue, exchange, context.Body.GetBytes(), context.ContentType?.MediaType?.ToLowerInvariant() ?? "", context.GetMessageId(), failures, sentAt,
            ReadTime(context, MessageHeaders.QuarantinedAt));
    }

    /// <summary>Never later than now, by whatever clock; a time in whole seconds, as AMQP's own, may be up to one too early.</summary>
    private DateTimeOffset PublishedAt(IncomingMessage message)
    {
        var now = clock.GetUtcNow();
        var at = message.SentAt is { } sent ? sent.Ticks % TimeSpan.TicksPerSecond == 0 ? sent.AddSeconds(1) : sent : now;
        return at < now ? at : now;
    }

    private static DateTimeOffset? ReadTime(ReceiveContext context, string header) =>
        context.TransportHeaders.TryGetHeader(header, out var text)
        && DateTimeOffset.TryParse(text as string, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed : null;

    private static TimeSpan Longer(TimeSpan pause) => pause < TimeSpan.FromSeconds(2) ? pause * 2 : pause;

    [LoggerMessage(1001, LogLevel.Warning, "{Queue}: Redis did not answer for 30 s, the message rests: {Failure}")]
    private static partial void RedisAway(ILogger logger, string queue, string failure);

    [LoggerMessage(1002, LogLevel.Error, "{Queue}: handling failed for the {Failures}. time with {ExceptionType}\n{StackTrace}")]
    private static partial void HandlerFailed(ILogger logger, string queue, int failures, string exceptionType, string? stackTrace);

    [LoggerMessage(1003, LogLevel.Warning, "{Queue}: a message is parked: {Reason}")]
    private static partial void Parked(ILogger logger, string queue, string reason);
}
