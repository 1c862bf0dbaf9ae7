using PushFanout.TokenCache;

namespace PushFanout.Cli.Demo;

/// <summary>Devices register: made-up tokens of Apple's length, one of them belonging to a user.</summary>
internal sealed class ImportAct(EmbeddedInstallation installation, Screen screen, Books books, TimeProvider clock)
{
    public const string User = "alice";

    public async Task PlayAsync(int devices, CancellationToken stop)
    {
        screen.Headline($"{Screen.Number(devices)} devices register.");
        var pace = new Pace(clock, devices);
        var imported = await screen.FollowAsync(progress => installation.Devices.ImportAsync(
            EmbeddedInstallation.App, MakeAsync(devices), new ImportProgress(progress, pace, devices), stop));
        if (books.Check("devices added", devices, imported.Added))
        {
            screen.Good($"{Screen.Number(imported.Added)} devices in {Screen.Seconds(pace.Elapsed)}");
        }
    }

    private async IAsyncEnumerable<DeviceRegistration> MakeAsync(int devices)
    {
        var at = clock.GetUtcNow();
        var userHasDevice = false;
        for (var i = 0; i < devices; i++)
        {
            var token = SampleTokens.Of(i);
            var isUsers = !userHasDevice && installation.Apns.Tokens.RefusedByShare(token) is null;
            userHasDevice |= isUsers;
            yield return new DeviceRegistration(token, at, UserId: isUsers ? User : null);
        }
        await Task.CompletedTask; // an asynchronous stream by its signature only: nothing here waits
    }

    private sealed class ImportProgress(IProgress<Advance> progress, Pace pace, int devices) : IProgress<long>
    {
        public void Report(long value) =>
            progress.Report(new Advance((double)value / devices, $"{Screen.Number(value)} devices  {pace.Describe(value)}"));
    }
}
