using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using PushFanout.Testing;

namespace PushFanout.Chaos.Installation;

/// <summary>An accepted push as the simulator's books have it.</summary>
internal readonly record struct AcceptedPush(ulong TokenHash, Guid ApnsId);

/// <summary>A refused push as the simulator's books have it.</summary>
internal sealed record RefusedPush(Guid ApnsId, string Reason);

/// <summary>The simulated APNs in a process of its own, steered and read over its control port.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private const int BinaryPushBytes = 32;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly HttpClient _control;

    private SimulatorProcess(ChildProcess process, Uri endpoint, Uri control, string authorityFile, string keyFile)
    {
        _process = process;
        _control = new HttpClient { BaseAddress = control, Timeout = TimeSpan.FromMinutes(2) };
        (Endpoint, AuthorityFile, KeyFile) = (endpoint, authorityFile, keyFile);
    }

    public Uri Endpoint { get; }

    public string AuthorityFile { get; }

    public string KeyFile { get; }

    public static async Task<SimulatorProcess> StartAsync(ChaosPlan plan, string topic)
    {
        var process = ChildProcess.Start("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "PushFanout.ApnsSimulator.dll"), "--port", "0", "--control-port", "0", "--topic", topic,
            "--max-streams", Text(ChaosPlan.StreamsPerConnection), "--latency", Text(plan.LatencyMilliseconds), "--seed", Text(plan.Seed), "--max-pushes", "20000000",
            "--strict", plan.StrictApns ? "true" : "false",
        ]);
        var keyFile = await ReadAsync("key file");
        return new SimulatorProcess(process, new Uri(await ReadAsync("endpoint")), new Uri(await ReadAsync("control")), await ReadAsync("authority"), keyFile);

        async Task<string> ReadAsync(string name) => (await process.WaitForLineAsync($"  {name} ", StartPatience)).Trim()[name.Length..].Trim();
    }

    /// <summary>What the workers did and a client of Apple's should not, as the simulator names it, and how often.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReadFindingsAsync() =>
        (await _control.GetFromJsonAsync<Dictionary<string, long>>("lint", JsonSerializerOptions.Web))!;

    public async Task<SimulatorState> ReadStateAsync() => (await _control.GetFromJsonAsync<SimulatorState>("stats", JsonSerializerOptions.Web))!;

    /// <summary>Waits until so many pushes are accepted.</summary>
    /// <returns>False when the time was over first.</returns>
    public async Task<bool> WaitForAcceptedAsync(long count, TimeSpan patience)
    {
        var answer = await _control.GetFromJsonAsync<JsonElement>(
            string.Create(CultureInfo.InvariantCulture, $"wait?accepted={count}&timeoutSeconds={(int)patience.TotalSeconds}"));
        return answer.GetProperty("reached").GetBoolean();
    }

    /// <summary>Orders something of the control port, see the simulator's README.</summary>
    public async Task OrderAsync(string path, object? body = null)
    {
        using var answer = body is null ? await _control.PostAsync(path, content: null) : await _control.PostAsJsonAsync(path, body);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The simulator refused {path}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>Every accepted push in the order of acceptance.</summary>
    public async Task<IReadOnlyList<AcceptedPush>> ReadAcceptedAsync()
    {
        var bytes = await _control.GetByteArrayAsync("pushes?outcome=accepted&format=binary");
        var pushes = new AcceptedPush[bytes.Length / BinaryPushBytes];
        for (var i = 0; i < pushes.Length; i++)
        {
            var push = bytes.AsSpan(i * BinaryPushBytes, BinaryPushBytes);
            pushes[i] = new AcceptedPush(BitConverter.ToUInt64(push), new Guid(push.Slice(8, 16), bigEndian: true));
        }
        return pushes;
    }

    public async Task<IReadOnlyList<RefusedPush>> ReadRefusedAsync() =>
        (await _control.GetFromJsonAsync<RefusedPush[]>("pushes?outcome=refused", JsonSerializerOptions.Web))!;

    /// <summary>Accepted pushes by collapse id.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReadAcceptedByCollapseIdAsync() =>
        (await _control.GetFromJsonAsync<JsonElement[]>("notifications"))!
            .ToDictionary(entry => entry.GetProperty("notification").GetString()!, entry => entry.GetProperty("accepted").GetInt64());

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        await _process.DisposeAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The sums of <c>GET /stats</c> that a run looks at.</summary>
internal sealed record SimulatorState(long Accepted, long Answered, long Duplicates, long NotRemembered, long ConnectionsTotal, int RequestsInFlight);
