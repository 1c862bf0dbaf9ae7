using Microsoft.Extensions.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Hosting.Reload;

/// <summary>
/// Looks every few seconds whether keys, certificates or the files of <see cref="PushFanoutOptions.AppsDirectory"/> have changed. It reads them, since
/// what a system says about changes gets lost on network drives and in mounted secrets. What was there at two looks in a row is taken over, so that a
/// file that is being written, or one of two that belong together, is not.
/// </summary>
internal sealed class ConfigurationWatch : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly CredentialRenewal _credentials;
    private readonly AppFolder _apps;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _looking = new(1, 1);

    public ConfigurationWatch(CredentialRenewal credentials, AppFolder apps, FanoutMetrics metrics, TimeProvider clock)
    {
        (_credentials, _apps, _clock) = (credentials, apps, clock);
        metrics.ObserveRefusedFiles(() => _credentials.Refused + _apps.Refused);
    }

    /// <summary>One look; whoever wants to see a change at once calls it twice.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            await _credentials.LookAsync();
            await _apps.LookAsync(cancellationToken);
        }
        finally
        {
            _looking.Release();
        }
    }

    public override void Dispose()
    {
        _looking.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What has changed since is read at the next start.
        }
    }
}
