using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Oracle;
using PushFanout.Contracts;

namespace PushFanout.Chaos.Running;

/// <summary>One run from the empty servers to the oracle. Whoever drives it decides what breaks, and when.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(60);

    private readonly List<ChaosSend> _sends = [];
    private readonly List<string> _broken = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Action<string> _log;

    private ChaosRun(ChaosPlan plan, ChaosInstallation installation, Action<string> log)
    {
        Plan = plan;
        Installation = installation;
        _log = log;
        Devices = new DeviceBase(plan.Seed, plan.Tokens, plan.Groups, plan.Mix);
        Progress = new ProgressWatch(installation.Simulator);
    }

    public ChaosPlan Plan { get; }

    public ChaosInstallation Installation { get; }

    public DeviceBase Devices { get; }

    public ProgressWatch Progress { get; }

    public IReadOnlyList<ChaosSend> Sends => _sends;

    /// <summary>Promises that the fault itself saw broken, each in one sentence.</summary>
    public IReadOnlyList<string> Broken => _broken;

    /// <summary>When APNs noticed that the gone devices are gone: after they were registered.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>Sets everything up; workers are not started.</summary>
    public static async Task<ChaosRun> PrepareAsync(ChaosPlan plan, Action<string> log)
    {
        var run = new ChaosRun(plan, await ChaosInstallation.StartAsync(plan, log), log);
        await run.Installation.RegisterAsync(run.Devices, TimeProvider.System.GetUtcNow());
        run.Since = TimeProvider.System.GetUtcNow(); // a registration counts from its arrival
        await run.Installation.RegisterAgainAsync(run.Devices, run.Since.AddSeconds(30));
        await run.Installation.TellSimulatorAsync(run.Devices, run.Since);
        run.Log($"seed {plan.Seed}, {plan.Tokens:N0} devices in {plan.Groups} audiences, {plan.Workers} workers");
        return run;
    }

    public void Expect(bool holds, FormattableString otherwise)
    {
        if (!holds)
        {
            _broken.Add(otherwise.ToString(CultureInfo.InvariantCulture));
        }
    }

    public void Log(FormattableString text) => Log(text.ToString(CultureInfo.InvariantCulture));

    public void Log(string text) => _log(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_started).TotalSeconds,6:0.0} s  {text}"));

    /// <summary>Starts every worker and hears what is told about sends.</summary>
    public async Task StartWorkersAsync()
    {
        await Installation.Service.ListenAsync();
        foreach (var worker in Installation.Workers)
        {
            await worker.StartAsync();
        }
    }

    /// <summary>Asks for a send to each group, and for a small one.</summary>
    public async Task SendToEveryoneAsync()
    {
        for (var group = 0; group < Plan.Groups; group++)
        {
            await SendToGroupAsync(group);
        }
        await SendSmallAsync(0);
    }

    /// <summary>Asks for a planned send to one group of the devices.</summary>
    public Task SendToGroupAsync(int group) => SendAsync(DeviceBase.GroupName(group), Devices.Group(group), isPlanned: true);

    /// <summary>Asks for a send of one batch.</summary>
    public Task SendSmallAsync(int number)
    {
        var small = number % DeviceBase.SmallAudiences;
        return SendAsync(DeviceBase.SmallName(small), Devices.Small(small), isPlanned: false);
    }

    /// <summary>Asks for a planned send to devices that may be sent to again and again.</summary>
    public Task SendSpareAsync() => SendAsync(DeviceBase.SpareName, Devices.Spare, isPlanned: true);

    /// <summary>Reads what ended meanwhile.</summary>
    /// <returns>How many planned sends have not ended.</returns>
    public async Task<int> CountRunningAsync()
    {
        var before = Installation.Service.Heard.Count;
        await Installation.Service.TryReadAsync();
        if (Installation.Service.Heard.Count > before)
        {
            Progress.Moved();
        }
        var ended = Ended();
        return _sends.Count(send => send.IsPlanned && !ended.Contains(send.Id));
    }

    /// <summary>Waits until every send has ended or nothing moves any more.</summary>
    public async Task WaitForEndAsync()
    {
        while (true)
        {
            await CountRunningAsync();
            if (HaveAllEnded())
            {
                Log($"all {_sends.Count} sends have ended, {Progress.Accepted:N0} pushes accepted");
                break;
            }
            if (Progress.StoodStill > Plan.StandstillPatience)
            {
                Log($"nothing moved for {Plan.StandstillPatience.TotalSeconds:0} s, {_sends.Count - Ended().Count} sends have not ended");
                break;
            }
            if (Installation.Workers.FirstOrDefault(worker => worker.HasExited) is { } dead)
            {
                throw new InvalidOperationException($"{dead.Name} ended and nobody had ordered it:\n{dead.Output}");
            }
            await Task.Delay(100);
        }
        Progress.NothingLeft();
    }

    /// <summary>Reads the final state from everybody but the workers. What cannot be read is thrown: a run without evidence has failed.</summary>
    /// <param name="awaitRemovals">Whether devices with a 410 have to go; their removal comes after the end of the send.</param>
    public async Task<Evidence> ReadEvidenceAsync(bool awaitRemovals)
    {
        await WaitForQuietAsync();
        var registered = await ReadRegisteredAsync(awaitRemovals && HaveAllEnded());
        var installation = Installation;
        if (!await installation.Service.TryReadAsync())
        {
            throw new IOException("The broker could not be asked for the results.");
        }
        return new Evidence
        {
            Devices = Devices,
            Sends = _sends,
            Heard = installation.Service.Heard,
            Accepted = await installation.Simulator.ReadAcceptedAsync(),
            Refused = await installation.Simulator.ReadRefusedAsync(),
            AcceptedByCollapseId = await installation.Simulator.ReadAcceptedByCollapseIdAsync(),
            Simulator = await installation.Simulator.ReadStateAsync(),
            Registered = registered,
            Parked = await installation.Service.CountAsync("pushfanout.parked"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Progress.DisposeAsync();
        await Installation.DisposeAsync();
    }

    private bool HaveAllEnded() => Ended().Count == _sends.Count;

    private HashSet<Guid> Ended() => [.. Installation.Service.Heard.Where(heard => heard.Exchange == Exchanges.NotificationCompleted).Select(heard => heard.Notification)];

    private async Task SendAsync(string audience, IReadOnlyList<int> devices, bool isPlanned)
    {
        var send = new ChaosSend(IdOf(_sends.Count), audience, devices, isPlanned);
        _sends.Add(send); // before the publish: one that is not confirmed may have arrived, and is repeated
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Installation.Service.PublishAsync(
                    Exchanges.NotificationRequested,
                    $$$"""
                    {"notificationId":"{{{send.Id}}}","app":"{{{ChaosInstallation.App}}}","source":"chaos","audience":{"anyOf":["{{{audience}}}"]},
                     "payload":{"aps":{"alert":"A push that must arrive, whatever breaks on its way."} } }
                    """);
                return;
            }
            catch (Exception away) when (ServiceClient.IsAway(away) && attempt < 20)
            {
                await Task.Delay(500);
            }
        }
    }

    /// <summary>The same number of the same seed has the same id, so that two runs can be compared.</summary>
    private Guid IdOf(int number)
    {
        Span<byte> name = stackalloc byte[16];
        "chaos\0\0\0"u8.CopyTo(name);
        BinaryPrimitives.WriteInt32BigEndian(name[8..], Plan.Seed);
        BinaryPrimitives.WriteInt32BigEndian(name[12..], number + 1);
        return new Guid(name, bigEndian: true);
    }

    /// <summary>
    /// Late duplicates must be seen: the end of a send does not mean that nobody is sending any more. Whoever never stops, or a stream that nobody ends, is
    /// not waited for.
    /// </summary>
    private async Task WaitForQuietAsync()
    {
        var started = Stopwatch.GetTimestamp();
        SimulatorState before, now;
        do
        {
            before = await Installation.Simulator.ReadStateAsync();
            await Task.Delay(QuietTime);
            now = await Installation.Simulator.ReadStateAsync();
        }
        while ((now.Answered != before.Answered || now.RequestsInFlight > 0) && Stopwatch.GetElapsedTime(started) < ReadPatience);
    }

    private async Task<IReadOnlySet<string>> ReadRegisteredAsync(bool awaitRemovals)
    {
        var gone = Devices.Of(DeviceKind.Gone).Select(device => Convert.ToHexStringLower(Devices.Token(device))).ToList();
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var registered = await Installation.ReadTokensAsync();
            if (!awaitRemovals || !gone.Any(registered.Contains) || Stopwatch.GetElapsedTime(started) > ReadPatience)
            {
                return registered;
            }
            await Task.Delay(500);
        }
    }
}
