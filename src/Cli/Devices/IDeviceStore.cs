using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>A way to the devices of one app: straight to Redis, or by a worker's HTTP API for those who may not see Redis.</summary>
internal interface IDeviceStore : IAsyncDisposable
{
    Task<RegistrationResult> AddAsync(DeviceRegistered device, CancellationToken stop);

    /// <returns>How many devices were removed.</returns>
    Task<int> RemoveAsync(DeviceUnregistered device, CancellationToken stop);

    /// <summary>Every audience with its size, <c>all</c> first.</summary>
    Task<IReadOnlyList<AudienceCount>> ListAudiencesAsync(CancellationToken stop);
}
