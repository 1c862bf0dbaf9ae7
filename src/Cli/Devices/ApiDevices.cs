using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>The devices of one app by a worker's HTTP API.</summary>
internal sealed class ApiDevices(WorkerApi api, string app) : IDeviceStore
{
    public Task<RegistrationResult> AddAsync(DeviceRegistered device, CancellationToken stop) => api.RegisterAsync(app, device, stop);

    public Task<int> RemoveAsync(DeviceUnregistered device, CancellationToken stop) => api.RemoveAsync(app, device, stop);

    public Task<IReadOnlyList<AudienceCount>> ListAudiencesAsync(CancellationToken stop) => api.ListAudiencesAsync(app, stop);

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return ValueTask.CompletedTask;
    }
}
