using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;

namespace PushFanout.Integration.Tests;

/// <summary>Tests that measure time against the clock: none runs beside them.</summary>
[CollectionDefinition(nameof(Undisturbed), DisableParallelization = true)]
public sealed class Undisturbed;

/// <summary>A limit counts over all workers, as APNs sees it.</summary>
[Collection(nameof(Undisturbed))]
public sealed class RateTests
{
    private const int Devices = 20_000;
    private const int PerSecond = 2_000;

    [Fact]
    public async Task Two_workers_together_keep_to_the_pushes_per_second_of_an_app()
    {
        await using var installation = await TestInstallation.CreateAsync();
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", $"{PerSecond}");
        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        var id = Guid.NewGuid();
        var published = TimeProvider.System.GetUtcNow(); // no permit is older
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));
        await service.NextAsync(TimeSpan.FromMinutes(4));

        var times = installation.Simulator.Recorder.Pushes(id.ToString("N")).Select(push => push.At).Order().ToList();
        var seconds = times.ConvertAll(time => (time - published).TotalSeconds);
        Assert.Equal(Devices, seconds.Count);
        Assert.True(seconds[^1] > 0.85 * Devices / PerSecond, $"all in {seconds[^1]} s");
        // A busy machine sends late what was permitted in time, which makes the whole longer and the next second a full one: so the usual
        // second is held against the limit, and the sum at every moment, which can only fall behind.
        Assert.InRange(UsualSecond(seconds), 1, 1.1 * PerSecond);
        Assert.DoesNotContain(seconds.Index(), push => push.Index > PerSecond * (push.Item + 1));
    }

    /// <summary>The median of how many pushes came within a second of each push, but for the first second and the last.</summary>
    private static int UsualSecond(List<double> seconds)
    {
        var counts = new List<int>();
        for (int first = 0, end = 0; first < seconds.Count; first++)
        {
            while (end < seconds.Count && seconds[end] < seconds[first] + 1)
            {
                end++;
            }
            if (seconds[first] > seconds[0] + 1 && seconds[first] < seconds[^1] - 1)
            {
                counts.Add(end - first);
            }
        }
        return counts.Order().ElementAt(counts.Count / 2);
    }
}
