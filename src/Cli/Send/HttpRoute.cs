using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>Over a worker's HTTP API; the end is asked for again and again.</summary>
internal sealed class HttpRoute(WorkerApi api) : IRequestRoute
{
    public async Task<IReadOnlyList<ContractFault>> PublishAsync(NotificationRequested request, CancellationToken stop)
    {
        try
        {
            return await api.PublishAsync(request, stop);
        }
        catch (Exception unknown) when (unknown is ApiException { MayHaveHappened: true } or OperationCanceledException { InnerException: TimeoutException })
        {
            throw new TimeoutException($"{Failure.Of(unknown)!.Text} Whether the request was taken is not known; repeat it with --id {request.NotificationId}.");
        }
    }

    public async Task<SendEnd> WaitAsync(Guid id, TimeSpan timeout, IProgress<Advance> progress, CancellationToken stop)
    {
        if (await new NotificationWatch(api, TimeProvider.System).FollowAsync(id, timeout, progress, stop) is not { } seen)
        {
            throw new TimeoutException(
                $"{id} was not seen in time: intake is behind, or has refused it. The reason is published to {Exchanges.NotificationRejected}, and in the worker's log.");
        }
        var summary = NotificationSummary.Of(seen.View);
        return seen.View.CompletedAt is not null
            ? new SendEnd(seen.Json, summary, IsDone: true, [])
            : throw new TimeoutException($"{id} is not done in time: {summary.State}. It goes on; 'status {id}' shows it.");
    }

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return ValueTask.CompletedTask;
    }
}
