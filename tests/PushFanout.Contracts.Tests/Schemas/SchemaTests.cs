using System.Text.Json;
using System.Text.Json.Nodes;
using PushFanout.Contracts.Tests.Reading;

namespace PushFanout.Contracts.Tests.Schemas;

public sealed class SchemaTests
{
    [Theory]
    [MemberData(nameof(Examples.Names), MemberType = typeof(Examples))]
    public void The_example_in_the_package_is_the_message_as_it_is_now(string name) => GoldenFile.AssertCurrent(ExampleFile(name), ExampleOf(name));

    [Theory]
    [MemberData(nameof(Examples.Names), MemberType = typeof(Examples))]
    public void The_schema_in_the_package_is_the_type_as_it_is_now(string name) => GoldenFile.AssertCurrent(SchemaFile(name), SchemaOf(name));

    [Theory]
    [MemberData(nameof(Examples.Names), MemberType = typeof(Examples))]
    public void Every_example_fits_its_schema(string name) =>
        Assert.Empty(SchemaChecker.Check(ExampleOf(name), SchemaOf(name)));

    [Theory]
    [MemberData(nameof(Examples.Names), MemberType = typeof(Examples))]
    public void A_schema_asks_for_every_required_field_and_every_type(string name)
    {
        var schema = SchemaOf(name);
        foreach (var required in schema["required"]!.AsArray().Select(field => field!.GetValue<string>()))
        {
            var without = ExampleOf(name);
            without.Remove(required);
            Assert.Equal(["$ required"], SchemaChecker.Check(without, schema));
        }
        foreach (var (field, value) in ExampleOf(name))
        {
            var other = ExampleOf(name);
            other[field] = value is JsonObject ? "text" : new JsonObject();
            Assert.Contains($"$.{field} type", SchemaChecker.Check(other, schema));
        }
    }

    [Fact]
    public void What_the_schema_of_a_request_refuses_the_reader_refuses()
    {
        var schema = SchemaOf("notification-requested");
        foreach (var (field, value) in ExampleOf("notification-requested"))
        {
            foreach (var other in new JsonNode?[] { null, 0, 1.5, true, "", "a b", new JsonObject(), new JsonArray(17), "2026-11-22T12:00:00" })
            {
                var changed = ExampleOf("notification-requested");
                changed[field] = other?.DeepClone();
                if (SchemaChecker.Check(changed, schema).Count > 0)
                    Assert.NotEmpty(RequestJson.FaultsOf(changed.ToJsonString()));
            }
        }
    }

    [Fact]
    public void Workers_take_no_unknown_field_and_readers_of_results_do()
    {
        string[] open = [.. Examples.All.Keys.Where(name =>
        {
            var example = ExampleOf(name);
            example["aFieldOfTheFuture"] = 1;
            return SchemaChecker.Check(example, SchemaOf(name)).Count == 0;
        })];

        Assert.Equal(["dead-tokens-found", "notification-rejected", "notification-completed", "devices-retired"], open);
    }

    [Fact]
    public void The_example_of_a_completed_notification_balances() => Assert.True(Examples.Completed.IsBalanced());

    private static JsonObject ExampleOf(string name)
    {
        var message = Examples.All[name];
        return JsonSerializer.SerializeToNode(message, message.GetType(), ContractJson.Options)!.AsObject();
    }

    private static JsonObject SchemaOf(string name) => SchemaGenerator.Of(Examples.All[name].GetType());

    private static string ExampleFile(string name) => $"src/Producer.Contracts/schemas/{name}.example.json";

    private static string SchemaFile(string name) => $"src/Producer.Contracts/schemas/{name}.schema.json";
}
