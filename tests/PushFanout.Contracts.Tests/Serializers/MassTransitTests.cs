using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;

namespace PushFanout.Contracts.Tests.Serializers;

public sealed class MassTransitTests
{
    [Theory]
    [MemberData(nameof(Examples.Names), MemberType = typeof(Examples))]
    public void Every_message_survives_MassTransits_own_serializer(string name)
    {
        var message = Examples.All[name];
        var json = JsonSerializer.SerializeToUtf8Bytes(message, message.GetType(), SystemTextJsonMessageSerializer.Options);
        var back = JsonSerializer.Deserialize(json, message.GetType(), SystemTextJsonMessageSerializer.Options)!;

        Assert.Equal(TextOf(message), TextOf(back));
        Assert.Equal(JsonSerializer.SerializeToNode(message, ContractJson.Options)!.AsObject().Select(field => field.Key).Order(), FieldsOf(json));
    }

    [Fact]
    public async Task What_MassTransit_publishes_is_read_as_it_was_published()
    {
        var body = await PublishAndCaptureBodyAsync(Examples.MinimalRequest);

        Assert.True(MessageEnvelope.TryUnwrap(body, out var message));
        var reading = NotificationRequestedReader.Read(message);
        Assert.Empty(reading.Faults);
        Assert.Equal(RequestDigest.Of(Examples.MinimalRequest), RequestDigest.Of(reading.Message!));
    }

    [Fact]
    public async Task The_envelope_names_the_message_and_the_notification()
    {
        using var envelope = JsonDocument.Parse(await PublishAndCaptureBodyAsync(Examples.Request));

        Assert.Equal("pushfanout:notification-requested:v1", envelope.RootElement.GetProperty("messageType")[0].GetString());
        Assert.Equal(Examples.Id, envelope.RootElement.GetProperty("correlationId").GetGuid());
    }

    [Theory]
    [MemberData(nameof(Examples.Names), MemberType = typeof(Examples))]
    public void Every_message_has_the_exchange_and_the_urn_of_its_name(string name)
    {
        var type = Examples.All[name].GetType();

        Assert.Equal($"pushfanout:{name}:v1", MessageUrn.ForTypeString(type));
        var exchange = type.GetCustomAttributes(inherit: false).OfType<EntityNameAttribute>().Single().EntityName;
        Assert.Equal($"pushfanout.{name}", exchange);
        Assert.Equal(exchange, typeof(Exchanges).GetField(type.Name)!.GetRawConstantValue());
    }

    private static async Task<ReadOnlyMemory<byte>> PublishAndCaptureBodyAsync(NotificationRequested request)
    {
        var captured = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var bus = Bus.Factory.CreateUsingInMemory(configure => configure.ReceiveEndpoint("capture", endpoint =>
            endpoint.Handler<NotificationRequested>(context =>
            {
                captured.SetResult(context.ReceiveContext.Body.GetBytes());
                return Task.CompletedTask;
            })));
        await bus.StartAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        try
        {
            await bus.Publish(request);
            return await captured.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            await bus.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        }
    }

    private static string TextOf(object message) => JsonSerializer.Serialize(message, message.GetType(), ContractJson.Options);

    private static IEnumerable<string> FieldsOf(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateObject().Where(field => field.Value.ValueKind is not JsonValueKind.Null).Select(field => field.Name).Order()];
    }
}
