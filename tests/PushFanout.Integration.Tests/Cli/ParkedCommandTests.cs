using System.Text;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.TokenCache;
using RabbitMQ.Client;

namespace PushFanout.Integration.Tests.Cli;

/// <summary>What an operator does with messages that were put aside.</summary>
public sealed class ParkedCommandTests : IAsyncLifetime
{
    private const string Queue = "pushfanout.parked";
    private const string Registry = "pushfanout.device-registry";
    private static readonly TimeSpan Patience = Eventually.Patience;

    private Uri _broker = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async Task InitializeAsync()
    {
        _broker = await Servers.NewVirtualHostAsync();
        Assert.Equal(0, (await RunAsync("topology", "apply")).ExitCode);
        _connection = await new ConnectionFactory { Uri = _broker }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task Listing_tells_why_and_whence_takes_nothing_away_and_keeps_the_order_however_often_it_is_done()
    {
        for (var i = 0; i < 5; i++)
        {
            await ParkAsync($"m-{i}", "{\"app\":\"shop-ios\",\"notificationId\":\"0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d\"}", Registry);
        }
        for (var round = 0; round < 25; round++) // RabbitMQ 4 drops what came back 20 times unless the queue says otherwise
        {
            using var listed = await ListAsync("--limit", "3");
            var messages = listed.RootElement.GetProperty("messages").EnumerateArray().ToList();
            Assert.Equal(["m-0", "m-1", "m-2"], messages.Select(message => message.GetProperty("id").GetString()));
            Assert.True(listed.RootElement.GetProperty("more").GetBoolean());
            Assert.Equal(
                $"{Registry} because shop-ios 0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d",
                string.Join(' ', new[] { "from", "reason", "app", "notificationId" }.Select(field => messages[0].GetProperty(field).GetString())));
        }
        var text = await RunAsync("parked", "list");
        Assert.Contains("5 listed.", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_goes_back_as_it_was_but_for_the_notes_of_its_parking()
    {
        await ParkAsync("one", "first", Registry, "text/odd");
        await ParkAsync("two", "second", Registry);
        var requeued = await RunAsync("parked", "requeue", "one");
        Assert.Equal((0, "1 requeued.\n"), (requeued.ExitCode, requeued.Output.ReplaceLineEndings("\n")));

        var back = await _channel.BasicGetAsync(Registry, autoAck: true);
        Assert.Equal(("first", "text/odd", "one"), (Encoding.UTF8.GetString(back!.Body.Span), back.BasicProperties.ContentType, back.BasicProperties.MessageId));
        Assert.True(back.BasicProperties.Persistent);
        string[] transport = ["x-delivery-count", "x-dotnet-pub-seq-no"]; // the broker's and the client library's own
        Assert.Equal(["pushfanout-exchange", "x-own"], back.BasicProperties.Headers!.Keys.Except(transport).Order());
        using var left = await ListAsync();
        Assert.Equal("two", Assert.Single(left.RootElement.GetProperty("messages").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_message_that_cannot_go_back_stays_parked_and_says_why()
    {
        await ParkAsync("stranger", "x", from: null);
        await ParkAsync("crafted", "x", "amq.rabbitmq.log");
        var requeued = await RunAsync("parked", "requeue", "--all");
        Assert.Equal(1, requeued.ExitCode);
        Assert.Equal(2, requeued.Output.Split("where it came from is not known").Length - 1);

        await ParkAsync("unroutable", "x", Registry);
        await _channel.QueueUnbindAsync(Registry, Registry, "");
        Assert.Contains("takes nothing", (await RunAsync("parked", "requeue", "unroutable")).Output, StringComparison.Ordinal);
        using var listed = await ListAsync();
        Assert.Equal(3, listed.RootElement.GetProperty("messages").GetArrayLength());
        Assert.Contains("nowhere is not parked", (await RunAsync("parked", "requeue", "nowhere")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_copies_of_one_message_are_not_sent_both_at_once()
    {
        await ParkAsync("twin", "x", Registry);
        await ParkAsync("twin", "x", Registry);
        var requeued = await RunAsync("parked", "requeue", "--all");
        Assert.Equal(1, requeued.ExitCode);
        Assert.Contains("1 requeued.", requeued.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("parked", "requeue", "twin")).ExitCode);
    }

    [Fact]
    public async Task Discarding_takes_away_what_is_named_and_nothing_else()
    {
        foreach (var (id, from) in new[] { ("a", Registry), ("b", "pushfanout.token-feedback"), ("c", Registry), ("d", Registry) })
        {
            await ParkAsync(id, "x", from);
        }
        Assert.Equal((0, """{"moved":["c"],"left":[],"missing":[]}"""), await MoveAsync("discard", "c"));
        Assert.Equal((1, """{"moved":[],"left":[],"missing":["c"]}"""), await MoveAsync("discard", "c"));
        Assert.Equal((0, """{"moved":["a","d"],"left":[],"missing":[]}"""), await MoveAsync("discard", "--all", "--from", Registry));
        Assert.Equal((0, """{"moved":["b"],"left":[],"missing":[]}"""), await MoveAsync("discard", "--all"));
        Assert.Equal("Nothing is parked.", (await RunAsync("parked", "list")).Output.Trim());

        async Task<(int, string)> MoveAsync(params string[] arguments)
        {
            var run = await RunAsync(["parked", .. arguments, "--json"]);
            return (run.ExitCode, run.Output.Trim());
        }
    }

    [Fact]
    public async Task What_is_in_a_message_is_shown_when_asked_for_and_never_a_token()
    {
        var token = Convert.ToHexString(Requests.Token(1));
        var id = Guid.NewGuid();
        await ParkAsync("json", Requests.Json(id, $$"""{"tokens":["{{token}}","nonsense"]}"""), "pushfanout.notification-requested");
        await ParkAsync("garbage", "\u0001{\"token\":\"" + token, Registry);

        var closed = await RunAsync("parked", "show", "json");
        Assert.Contains(id.ToString(), closed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Ends today", closed.Output, StringComparison.Ordinal);
        var open = await RunAsync("parked", "show", "json", "--body", "--json");
        Assert.Contains("Ends today", open.Output, StringComparison.Ordinal);
        Assert.Contains($"\"tokens\":[\"token {TokenFingerprint.Of(Requests.Token(1))}\",\"no token\"]", open.Output, StringComparison.Ordinal);
        var garbage = await RunAsync("parked", "show", "garbage", "--body");
        Assert.Contains("\\x01{\"token\":\"<token ", garbage.Output, StringComparison.Ordinal);
        Assert.All([closed, open, garbage], run => Assert.DoesNotContain(token, run.Output, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(1, (await RunAsync("parked", "show", "nothing")).ExitCode);
    }

    [Fact]
    public async Task What_a_worker_parked_can_be_sent_again_when_its_cause_is_gone()
    {
        await using var installation = await TestInstallation.CreateAsync(rabbitMq: _broker);
        await installation.StartWorkerAsync();
        var service = await installation.ConnectAsync();
        var json = $$"""{"app":"shop-ios","token":"{{Convert.ToHexString(Requests.Token(1))}}","at":"2026-01-01T00:00:00Z","userId":"{{new string('x', 300)}}"}""";
        await service.PublishAsync(Exchanges.DeviceRegistered, json);
        await Eventually.TrueAsync(async () => await CountAsync(Queue) == 1, Patience, "it is parked");

        using var listed = await ListAsync();
        var message = Assert.Single(listed.RootElement.GetProperty("messages").EnumerateArray());
        Assert.Equal("userId: invalid_value", message.GetProperty("reason").GetString());
        Assert.Equal(0, (await RunAsync("parked", "requeue", message.GetProperty("id").GetString()!)).ExitCode);
        // The cause is not gone, so it comes back, with its queue, its exchange and its reason.
        await Eventually.TrueAsync(async () => await CountAsync(Queue) == 1, Patience, "it is parked again");
        using var again = await ListAsync();
        Assert.Equal(
            ("userId: invalid_value", Registry),
            (again.RootElement.GetProperty("messages")[0].GetProperty("reason").GetString(), again.RootElement.GetProperty("messages")[0].GetProperty("from").GetString()));
    }

    [Fact]
    public async Task What_RabbitMQ_itself_gave_up_on_goes_back_to_the_queue_it_was_in()
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 0, ["x-dead-letter-exchange"] = Queue };
        await _channel.QueueDeleteAsync(Registry);
        await _channel.QueueDeclareAsync(Registry, durable: true, exclusive: false, autoDelete: false, arguments!);
        await _channel.QueueBindAsync(Registry, Registry, "");
        await _channel.BasicPublishAsync(Registry, "", mandatory: true, new BasicProperties { ContentType = "application/json" }, "{}"u8.ToArray());
        var taken = await _channel.BasicGetAsync(Registry, autoAck: false);
        await _channel.BasicNackAsync(taken!.DeliveryTag, multiple: false, requeue: true);
        await Eventually.TrueAsync(async () => await CountAsync(Queue) == 1, Patience, "it is dead-lettered");

        using var listed = await ListAsync();
        var message = Assert.Single(listed.RootElement.GetProperty("messages").EnumerateArray());
        Assert.Equal(Registry, message.GetProperty("from").GetString());
        Assert.StartsWith("body-", message.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Contains("delivery_limit", message.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("parked", "requeue", "--all")).ExitCode);
        var back = await _channel.BasicGetAsync(Registry, autoAck: true);
        Assert.Equal("{}", Encoding.UTF8.GetString(back!.Body.Span));
        Assert.DoesNotContain("x-death", back.BasicProperties.Headers?.Keys ?? []);
    }

    private Task<Run> RunAsync(params string[] arguments) => Run.OfAsync([.. arguments, "--rabbitmq", _broker.ToString()]);

    private async Task<JsonDocument> ListAsync(params string[] arguments)
    {
        var run = await RunAsync(["parked", "list", "--json", .. arguments]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonDocument.Parse(run.Output);
    }

    private async Task<uint> CountAsync(string queue) => (await _channel.QueueDeclarePassiveAsync(queue)).MessageCount;

    private async Task ParkAsync(string id, string body, string? from, string contentType = "application/json")
    {
        var headers = new Dictionary<string, object?>
        {
            ["pushfanout-parked-reason"] = "because",
            ["pushfanout-parked-at"] = "2026-01-01T00:00:00.0000000+00:00",
            ["pushfanout-failures"] = 7,
            ["pushfanout-exchange"] = Exchanges.DeviceRegistered,
            ["x-own"] = "kept",
        };
        if (from is not null)
        {
            headers["pushfanout-parked-from"] = from;
        }
        await _channel.BasicPublishAsync(
            Queue, "", mandatory: true, new BasicProperties { MessageId = id, ContentType = contentType, Persistent = true, Headers = headers }, Encoding.UTF8.GetBytes(body));
    }
}
