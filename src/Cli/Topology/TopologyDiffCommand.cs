using System.CommandLine;
using System.Text.Json;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout topology diff</c>: what <c>apply</c> would add, and what it could not change.</summary>
internal static class TopologyDiffCommand
{
    public static Command Create()
    {
        var broker = new BrokerOptionGroup();
        var management = new Option<Uri?>("--management")
        {
            Description = "RabbitMQ's management API, for example http://localhost:15672. With it bindings are compared too, and what does not belong is found; same login.",
            HelpName = "URL",
            CustomParser = result =>
            {
                if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                {
                    return url;
                }
                result.AddError("--management must begin with http:// or https://.");
                return null;
            },
        };
        var json = JsonOption.Create();
        var command = new Command("diff", "Compares what is on the broker with what workers declare, and changes nothing. Ends with 1 when something differs.") { management, json };
        broker.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var connection = broker.Read(parsed)!;
            var differences = new List<TopologyDifference>();
            await using (var opened = await connection.ConnectAsync("pushfanout topology", stop))
            {
                differences.AddRange(await TopologyComparison.RunAsync(opened, stop));
            }
            var url = parsed.GetValue(management);
            if (url is not null)
            {
                differences.AddRange(await ManagementBindings.CompareAsync(url, connection, stop));
            }
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(new { differences, bindingsCompared = url is not null }, JsonSerializerOptions.Web));
            }
            else
            {
                await WriteAsync(differences, url is not null, $"{connection}", output);
            }
            return differences.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static async Task WriteAsync(IReadOnlyList<TopologyDifference> differences, bool bindingsCompared, string broker, TextWriter output)
    {
        foreach (var difference in differences)
        {
            await output.WriteLineAsync($"{difference.Kind,-9} {difference.What}{(difference.Detail is { } detail ? $": {detail}" : "")}");
        }
        var compared = bindingsCompared ? "exchanges, queues and bindings" : "exchanges and queues (bindings need --management)";
        await output.WriteLineAsync(differences.Count == 0
            ? $"{broker}: {compared} are as workers declare them."
            : $"{broker}: {differences.Count} differences in {compared}.");
        if (differences.Any(difference => difference.Kind == TopologyDifference.Missing))
        {
            await output.WriteLineAsync($"What is missing: '{OwnName.Command} topology apply' adds it, and so does a worker at its start.");
        }
        if (differences.Any(difference => difference.Kind == TopologyDifference.Different))
        {
            await output.WriteLineAsync("What is different: workers refuse to start on it. Drain it, delete it, and apply.");
        }
    }
}
