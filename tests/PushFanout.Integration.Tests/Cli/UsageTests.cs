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
    [InlineData("status --limit 0 --url http://127.0.0.1:1")]
    [InlineData("status --watch --before 1h --url http://127.0.0.1:1")]
    [InlineData("devices add --app shop-ios --redis 127.0.0.1:1")]
    [InlineData("devices add --app shop-ios --token zz --redis 127.0.0.1:1")]
    [InlineData("devices add --app shop-ios --token 0a --token 0b --device phone --redis 127.0.0.1:1")]
    [InlineData("devices add --app shop-ios --token 0a --audience Bad! --redis 127.0.0.1:1")]
    [InlineData("devices add --app shop-ios --token 0a --redis 127.0.0.1:1 --url http://127.0.0.1:1")]
    [InlineData("devices add --app shop-ios --token 0a")]
    [InlineData("devices remove --app shop-ios --redis 127.0.0.1:1")]
    [InlineData("devices remove --app shop-ios --user ann --device phone --redis 127.0.0.1:1")]
    [InlineData("devices import - --app shop-ios --checkpoint x --redis 127.0.0.1:1")]
    [InlineData("devices import x --app shop-ios --shards 0 --redis 127.0.0.1:1")]
    [InlineData("devices export - --app shop-ios --json --redis 127.0.0.1:1")]
    [InlineData("devices count --app shop-ios --audience Bad! --redis 127.0.0.1:1")]
    [InlineData("explain 0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d --url http://127.0.0.1:1 --token xyz")]
    [InlineData("topology diff --rabbitmq amqp://localhost/ --management localhost:15672")]
    [InlineData("topology apply --rabbitmq http://someone:hushhush@localhost/")]
    [InlineData("worker --PushFanout:RabbitMq:Uri amqp://someone:hushhush@localhost/")]
    [InlineData("explain 0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d hushhush --url http://127.0.0.1:1 --user ann")]
    [InlineData("devices amqp://someone:hushhush@localhost/")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --body x --wait --timeout 0")]
    [InlineData("send --app shop-ios --audience all --url http://127.0.0.1:1 --body x --wait --timeout 9999999")]
    public async Task What_cannot_be_understood_ends_with_2_and_a_reason(string commandLine)
    {
        var run = await Run.OfAsync(commandLine.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(run.Error.Trim());
        Assert.DoesNotContain("hushhush", run.Error, StringComparison.Ordinal);
    }
}
