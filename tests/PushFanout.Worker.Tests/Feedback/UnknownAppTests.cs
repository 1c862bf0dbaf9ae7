using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Feedback;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Tests.Hosting;

namespace PushFanout.Worker.Tests.Feedback;

public sealed class UnknownAppTests
{
    [Fact]
    public async Task Reports_for_an_app_that_is_not_configured_any_more_rest_and_hold_up_nobody()
    {
        using var files = new TemporaryFolder();
        using var host = WorkerHost.Build(
            new PushFanoutOptions { Transport = Transport.InMemory, Roles = Roles.Feedback }, new ConfigurationBuilder().Build(), builder => builder.Logging.SetMinimumLevel(LogLevel.None));
        var feedback = host.Services.GetRequiredService<TokenFeedbackConsumer>();
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(Disposition.Later(WaitTier.ThirtySeconds, "unknown app"), await HandleAsync(sentAt: now));
        Assert.IsType<Disposition.ParkDisposition>(await HandleAsync(sentAt: now.AddYears(-1)));

        Task<Disposition> HandleAsync(DateTimeOffset sentAt) => feedback.HandleAsync(
            new IncomingMessage(
                QueueNames.TokenFeedback, "", Encoding.UTF8.GetBytes($$"""{"app":"gone-ios","notificationId":"{{Guid.NewGuid()}}","tokens":[{"token":"aa","reason":"Unregistered","since":"{{now:O}}"}]}"""),
                ContentTypes.Json.MediaType, null, 0, sentAt),
            CancellationToken.None);
    }
}
