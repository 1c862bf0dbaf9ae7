using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.Apns;
using PushFanout.Contracts;
using PushFanout.Worker.Control;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Tests.Hosting;

namespace PushFanout.Worker.Tests.Control;

/// <summary>Each tick sends the next. However often one of them is delivered, in the end there is one, and never none before the send has ended.</summary>
public sealed class TickChainTests : IAsyncLifetime, IDisposable
{
    private const string App = "shop-ios";

    private readonly TemporaryFolder _files = new();
    private readonly SentTicks _ticks = new();
    private readonly NotificationRequested _request = new()
    {
        NotificationId = Guid.NewGuid(),
        App = App,
        Audience = new Audience { AnyOf = ["everyone"] },
        Payload = PushPayload.Parse("""{"aps":{}}"""),
    };
    private readonly IHost _host;
    private readonly InMemoryLedger _ledger;

    public TickChainTests()
    {
        // Without the role that consumes ticks: they are handed over one by one.
        var options = new PushFanoutOptions
        {
            Transport = Transport.InMemory,
            Roles = Roles.Feedback,
            Credentials = { ["main"] = new CredentialOptions { Kind = CredentialKind.P8, TeamId = "TEAM456789", KeyId = "KEY3456789", KeyFile = _files.WriteAuthKey() } },
            Apps = { [App] = new AppOptions { Topic = "com.example.shop", Environment = ApnsEnvironment.Sandbox, Credential = "main", Shards = 16 } },
            Apns = new ApnsOptions { EndpointOverride = new Uri("https://127.0.0.1:1") },
        };
        _host = WorkerHost.Build(options, new ConfigurationBuilder().Build(), builder => builder.Logging.SetMinimumLevel(LogLevel.None));
        _ledger = (InMemoryLedger)_host.Services.GetRequiredService<INotificationLedger>();
    }

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        _host.Services.GetRequiredService<IBusControl>().ConnectSendObserver(_ticks);
        await RequestAsync();
    }

    public Task DisposeAsync() => _host.StopAsync();

    public void Dispose()
    {
        _host.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task A_tick_delivered_twice_leaves_one_chain()
    {
        var tick = Assert.Single(_ticks.TakeAll());

        await DeliverAsync(tick);
        await DeliverAsync(tick);

        Assert.Equal(1, Assert.Single(_ticks.TakeAll()).Number);
    }

    [Fact]
    public async Task A_tick_whose_successor_is_stored_and_confirmed_too_late_leaves_one_chain()
    {
        for (var round = 0; round < 3; round++)
        {
            var tick = Assert.Single(_ticks.TakeAll());
            _ticks.ConfirmTooLate = true;
            await Assert.ThrowsAsync<BrokerUnavailableException>(() => DeliverAsync(tick));
            _ticks.ConfirmTooLate = false;
            await DeliverAsync(tick); // again, since it was not acknowledged

            var successors = _ticks.TakeAll();
            Assert.Equal([tick.Number + 1, tick.Number + 1], successors.Select(successor => successor.Number));
            foreach (var successor in successors)
            {
                await DeliverAsync(successor);
            }
        }
        Assert.Single(_ticks.TakeAll());
    }

    [Fact]
    public async Task A_tick_whose_successor_never_reached_the_broker_is_not_taken_for_a_copy_when_it_comes_again()
    {
        var tick = Assert.Single(_ticks.TakeAll());
        _ticks.Away = true;
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => DeliverAsync(tick));
        _ticks.Away = false;

        await DeliverAsync(tick);

        Assert.Equal(1, Assert.Single(_ticks.TakeAll()).Number);
    }

    [Fact]
    public async Task A_request_delivered_again_starts_no_second_chain()
    {
        await RequestAsync();
        for (var round = 0; round < 3; round++)
        {
            await DeliverAllAsync();
            await RequestAsync();
            Assert.Equal(2, _ticks.Waiting.Count);
        }
        await DeliverAllAsync();

        Assert.Single(_ticks.TakeAll());
    }

    [Fact]
    public async Task A_request_delivered_again_starts_a_chain_that_has_ended()
    {
        await DeliverAllAsync();
        _ticks.TakeAll();

        await RequestAsync();
        await DeliverAllAsync();

        Assert.Single(_ticks.TakeAll());
    }

    [Fact]
    public async Task A_lost_record_does_not_end_the_chain()
    {
        await DeliverAllAsync();
        await DeliverAllAsync();
        _ledger.Lose(_request.NotificationId);
        var tick = Assert.Single(_ticks.TakeAll());
        await DeliverAsync(tick);
        await DeliverAsync(tick); // a copy cannot be known now
        Assert.Equal(2, _ticks.Waiting.Count);
        await DeliverAllAsync(); // the first makes the record anew, and of the other nothing stays that knew of no loss

        Assert.NotNull(await _ledger.ReadAsync(_request.NotificationId, default));
        var left = Assert.Single(_ticks.Waiting);
        Assert.Equal((1, false), (left.Losses, left.LostBefore));
        await DeliverAllAsync();
        Assert.Equal(left.Number + 1, Assert.Single(_ticks.TakeAll()).Number);
    }

    [Fact]
    public async Task Ticks_of_a_build_that_did_not_count_them_go_on_and_become_one_chain()
    {
        await DeliverAllAsync();
        await DeliverAllAsync();
        var tick = Assert.Single(_ticks.TakeAll());
        await DeliverAsync(tick);
        await DeliverAsync(tick with { Number = null });
        await DeliverAsync(tick with { Number = null });

        Assert.Equal(3, _ticks.Waiting.Count);
        for (var round = 0; round < 3; round++)
        {
            await DeliverAllAsync();
        }
        Assert.Single(_ticks.TakeAll());
    }

    private async Task RequestAsync()
    {
        var created = await _ledger.CreateAsync(
            new NewNotification(
                _request.NotificationId, App, RequestDigest.Of(_request), StoredRequest.Write(_request), [8, 16], 2, ShortWay: null, 0, 0, TimeProvider.System.GetUtcNow()),
            default);
        await _host.Services.GetRequiredService<WorkHandout>().StartAsync(_request, _host.Services.GetRequiredService<AppCatalog>().Find(App)!, created, default);
    }

    private async Task DeliverAllAsync()
    {
        foreach (var tick in _ticks.TakeAll())
        {
            await DeliverAsync(tick);
        }
    }

    private async Task DeliverAsync(NotificationTick tick)
    {
        var message = new IncomingMessage(QueueNames.NotificationControl, "", WorkMessageFormat.Write(tick), ContentTypes.Work.MediaType, null, 0, null);
        Assert.Equal(Disposition.Done, await _host.Services.GetRequiredService<TickConsumer>().HandleAsync(message, default));
    }
}
