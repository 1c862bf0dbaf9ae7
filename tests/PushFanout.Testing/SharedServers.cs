namespace PushFanout.Testing;

/// <summary>
/// One Redis and one RabbitMQ for all tests of a process, started when the first test asks: those named by
/// <c>PUSHFANOUT_TEST_REDIS</c> (<c>host:port[,password=…]</c>) and <c>PUSHFANOUT_TEST_RABBITMQ</c> (an amqp URI), else
/// private ones. Tests share them, so each uses names of its own: a random key prefix, a random virtual host or queue
/// prefix. A test that stops, freezes or flushes a server starts one for itself.
/// </summary>
public static class SharedServers
{
    private static readonly Lazy<Task<string>> SharedRedis = new(StartRedisAsync);
    private static readonly Lazy<Task<Uri>> SharedRabbitMq = new(StartRabbitMqAsync);

    /// <summary>The connection string of the shared Redis, in the notation of StackExchange.Redis.</summary>
    public static Task<string> RedisAsync() => SharedRedis.Value;

    /// <summary>The URI of the shared RabbitMQ, with user and password.</summary>
    public static Task<Uri> RabbitMqAsync() => SharedRabbitMq.Value;

    private static async Task<string> StartRedisAsync() =>
        Environment.GetEnvironmentVariable("PUSHFANOUT_TEST_REDIS") is { Length: > 0 } given
            ? given
            : (await RedisServer.StartAsync().ConfigureAwait(false)).ConnectionString;

    private static async Task<Uri> StartRabbitMqAsync() =>
        Environment.GetEnvironmentVariable("PUSHFANOUT_TEST_RABBITMQ") is { Length: > 0 } given
            ? new Uri(given)
            : (await RabbitMqServer.StartAsync().ConfigureAwait(false)).Uri;
}
