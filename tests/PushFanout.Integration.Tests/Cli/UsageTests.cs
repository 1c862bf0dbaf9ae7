namespace PushFanout.Integration.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("worker --colour red")]
    [InlineData("topology apply")]
    [InlineData("explain 0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d --url http://127.0.0.1:1")]
    [InlineData("explain 0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d --url http://127.0.0.1:1 --user ann --device phone")]
    [InlineData("parked discard --rabbitmq amqp://localhost/")]
    [InlineData("parked discard --rabbitmq amqp://localhost/ some-id --all")]
    [InlineData("parked requeue --rabbitmq amqp://localhost/ some-id --from pushfanout.device-registry")]
    [InlineData("parked list --rabbitmq amqp://localhost/ --limit 0")]
    [InlineData("topology apply --rabbitmq http://someone:hushhush@localhost/")]
    public async Task What_cannot_be_understood_ends_with_2_and_a_reason(string commandLine)
    {
        var run = await Run.OfAsync(commandLine.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(run.Error.Trim());
        Assert.DoesNotContain("hushhush", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("worker")]
    [InlineData("simulator")]
    [InlineData("topology show")]
    [InlineData("topology apply")]
    [InlineData("demo")]
    [InlineData("dev")]
    [InlineData("send")]
    [InlineData("status")]
    [InlineData("pause")]
    [InlineData("explain")]
    [InlineData("parked")]
    [InlineData("parked list")]
    [InlineData("parked show")]
    [InlineData("parked requeue")]
    [InlineData("parked discard")]
    [InlineData("devices import")]
    [InlineData("devices count")]
    public async Task Help_is_there_for_every_command(string command)
    {
        var run = await Run.OfAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
    }
}
