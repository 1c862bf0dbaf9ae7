using PushFanout.Contracts;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client;

namespace PushFanout.Cli;

/// <summary>What there is and how to use it, to copy from. The ids are new each time: the same id with another content would be refused.</summary>
/// <param name="broker">Null when messages stay in this process.</param>
internal sealed class DevGuide(EmbeddedInstallation installation, BrokerConnection? broker, TimeProvider clock)
{
    private const string Source = "docs";
    private const string NoBroker = "none: messages stay in this process and come in over HTTP; give --rabbitmq and --redis for the real way";

    private string Url => installation.Options.Http.SplitUrls()[0];

    public override string ToString()
    {
        var (first, second) = (Guid.CreateVersion7(clock.GetUtcNow()), Guid.CreateVersion7(clock.GetUtcNow()));
        return $$$"""

            A worker and an APNs simulator are running. Ctrl+C ends both.

              HTTP API   {{{Url}}}/api/notifications
              page       {{{Url}}}/
              metrics    {{{Url}}}/metrics
              APNs       {{{installation.Apns.Endpoint}}} (simulated; {{{installation.Apns.ControlEndpoint}}}stats counts what it got)
              RabbitMQ   {{{(broker is null ? NoBroker : Broker)}}}
              devices    app {{{EmbeddedInstallation.App}}}: {{{SampleDevices.Description}}}; audiences all and {{{SampleDevices.Audience}}}

            Send to a user, and see what became of it:

            curl -sS {{{Url}}}/api/notifications -H 'Content-Type: application/json' -d '{"notificationId":"{{{first}}}","app":"{{{EmbeddedInstallation.App}}}","audience":{"users":["alice"]},"payload":{"aps":{"alert":"Hello, Alice"}},"source":"{{{Source}}}"}'
            {{{OwnName.Command}}} status {{{first}}} --url {{{Url}}} --watch

            Send to an audience, in C#{{{Packages}}}:

            {{{(broker is null ? OverHttp(second) : OverRabbitMq(second))}}}

            """;
    }

    private string Broker => $"""
        {broker}
          requests   exchange {Exchanges.NotificationRequested}
          results    topic exchanges {Exchanges.NotificationCompleted}, {Exchanges.NotificationRejected};
                     routing key APP.SOURCE, below {RoutingKey.Of(EmbeddedInstallation.App, Source)}
        """;

    private string Packages => broker is null ? "" : " with the packages PushFanout.Contracts and MassTransit.RabbitMQ";

    /// <summary>The password is the reader's to fill in.</summary>
    private string Login => broker is null || broker.User == ConnectionFactory.DefaultUser
        ? ""
        : $$""", host => { host.Username("{{broker.User}}"); host.Password("..."); }""";

    private string OverHttp(Guid id) => $$"""
        using System.Net.Http.Json;

        using var http = new HttpClient();
        var answer = await http.PostAsJsonAsync("{{Url}}/api/notifications", new
        {
            notificationId = "{{id}}",
            app = "{{EmbeddedInstallation.App}}",
            audience = new { anyOf = new[] { "{{SampleDevices.Audience}}" } },
            payload = new { aps = new { alert = "Hello, everyone" } },
            source = "{{Source}}",
        });
        Console.WriteLine(answer.StatusCode); // Accepted
        """;

    private string OverRabbitMq(Guid id) => $$"""
        using MassTransit;
        using PushFanout.Contracts;

        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit => rabbit.Host(new Uri("{{broker}}"){{Login}}));
        await bus.StartAsync();
        await bus.Publish(new NotificationRequested
        {
            NotificationId = Guid.Parse("{{id}}"),
            App = "{{EmbeddedInstallation.App}}",
            Audience = Audience.OfAny("{{SampleDevices.Audience}}"),
            Payload = PushPayload.FromObject(new { aps = new { alert = "Hello, everyone" } }),
            Source = "{{Source}}",
        });
        await bus.StopAsync();
        """;
}
