using System.Diagnostics;
using PushFanout.Testing;

namespace PushFanout.TokenCache.Tests.Testing;

public sealed class ServerProcessTests
{
    [Fact]
    public async Task A_child_process_is_heard_signalled_and_ended()
    {
        await using var child = ChildProcess.Start("/bin/sh", ["-c", "echo ready; trap 'echo bye; exit 3' TERM; while :; do sleep 0.05; done"]);
        await child.WaitForLineAsync("ready", Eventually.Patience);
        child.Signal(UnixSignal.Terminate);
        Assert.Equal(3, await child.WaitForExitAsync(Eventually.Patience));
        Assert.Contains("bye", child.Output);
    }

    [Fact]
    public async Task A_redis_with_append_only_file_comes_back_with_its_data_on_the_same_port()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true });
        Assert.Equal("OK", await redis.CommandAsync("SET k v"));
        await redis.KillAsync();
        await redis.RestartAsync();
        Assert.Equal("v", await redis.CommandAsync("GET k"));
    }

    [Fact]
    public async Task A_rabbitmq_starts_stops_and_starts_again()
    {
        await using var rabbit = await RabbitMqServer.StartAsync();
        Assert.Contains("pushfanout", await rabbit.ControlAsync("status"));
        await rabbit.StopAsync();
        await rabbit.RestartAsync();
        Assert.Contains("/", await rabbit.ControlAsync("list_vhosts", "--quiet"));
    }

    [Fact]
    public async Task Children_that_are_left_are_killed_when_the_pipe_of_the_test_process_closes()
    {
        await using var left = ChildProcess.Start("/bin/sleep", ["600"]);
        await using var ended = ChildProcess.Start("/bin/sh", ["-c", "exit 0"]);
        await ended.WaitForExitAsync(Eventually.Patience);
        using var reaper = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", ChildReaper.Script]) { RedirectStandardInput = true })!;
        await reaper.StandardInput.WriteAsync($"+ {ended.Id}\n+ {left.Id}\n");
        for (var i = 0; i < 100; i++)
        {
            await reaper.StandardInput.WriteAsync($"- {ended.Id}\n"); // a child may be forgotten more than once
        }
        reaper.StandardInput.Close();
        Assert.Equal(128 + UnixSignal.Kill, await left.WaitForExitAsync(Eventually.Patience));
    }
}
