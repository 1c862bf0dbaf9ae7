using PushFanout.Integration.Tests.Installation;

namespace PushFanout.Integration.Tests.Deployment;

public sealed class BrokerConfigurationTests
{
    [Fact]
    public async Task A_broker_takes_the_shipped_configuration_and_dead_letters_again_within_seconds() => Assert.Equal(
        "{{ok,10000},{ok,512}}",
        await Servers.EvaluateAsync(
            "{application:get_env(rabbit, dead_letter_worker_publisher_confirm_timeout), application:get_env(rabbit, dead_letter_worker_consumer_prefetch)}."));
}
