using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushFanout.Apns;
using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Tests.Hosting;
using Lane = PushFanout.Worker.Messaging.Lane;

namespace PushFanout.Worker.Tests.Dispatch;

public sealed class ParkedBatchTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_batch_that_is_parked_leaves_its_tokens_undeliverable_and_lets_the_notification_end()
    {
        using var files = new TemporaryFolder();
        using var host = WorkerHost.Build(Options(files), new ConfigurationBuilder().Build(), builder => builder.Logging.SetMinimumLevel(LogLevel.None));
        await host.StartAsync();
        var ledger = host.Services.GetRequiredService<INotificationLedger>();
        var batch = await CreateAsync(ledger);
        var message = new IncomingMessage(QueueNames.PushBatch(Lane.Short), "", WorkMessageFormat.Write(batch), ContentTypes.Work.MediaType, null, 7, null);

        Assert.Equal(Disposition.Done, await host.Services.GetRequiredService<BatchDispatch>().GiveUpAsync(message, CancellationToken.None));

        var status = await ledger.ReadStatusAsync(batch.Key.Notification, CancellationToken.None);
        Assert.Equal(NotificationState.Done, status!.State);
        Assert.Equal(2, status.Totals.ByValue[new OutcomeByte(Outcome.Undeliverable, OutcomeReason.Parked).Value]);
        Assert.Equal(status.Totals.Audience, status.Totals.ByOutcome.Sum());
        await host.StopAsync();
    }

    private static async Task<PushBatch> CreateAsync(INotificationLedger ledger)
    {
        var request = new NotificationRequested
        {
            NotificationId = Guid.NewGuid(),
            App = "shop-ios",
            Audience = Audience.OfUsers("alice"),
            Payload = PushPayload.Parse("""{"aps":{}}"""),
        };
        var tokens = new PackedTokenWriter();
        tokens.Add(SHA256.HashData([1]));
        tokens.Add(SHA256.HashData([2]));
        var content = RangeContent.Of(tokens.Written);
        await ledger.CreateAsync(
            new NewNotification(request.NotificationId, request.App, RequestDigest.Of(request), StoredRequest.Write(request), [1], 8, content, 0, 0, Now), CancellationToken.None);
        var template = new PushTemplate("shop-ios", null, "com.example.shop", "alert", null, "c", null, Now, null, Now.AddHours(1), false, null);
        return new PushBatch(new BatchKey(request.NotificationId, 0, 1, 0, content.Digest64), Lane.Short, 0, 0, template, request.Payload.Utf8, content.Tokens);
    }

    private static PushFanoutOptions Options(TemporaryFolder files) => new()
    {
        Transport = Transport.InMemory,
        Roles = Roles.Intake | Roles.Expansion | Roles.Dispatch | Roles.Feedback,
        Credentials = { ["main"] = new CredentialOptions { Kind = CredentialKind.P8, TeamId = "TEAM456789", KeyId = "KEY3456789", KeyFile = files.WriteAuthKey() } },
        Apps = { ["shop-ios"] = new AppOptions { Topic = "com.example.shop", Environment = ApnsEnvironment.Sandbox, Credential = "main", Shards = 16 } },
        Apns = new ApnsOptions { EndpointOverride = new Uri("https://127.0.0.1:1") },
    };
}
