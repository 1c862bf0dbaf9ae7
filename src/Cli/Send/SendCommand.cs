using System.CommandLine;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout send</c>: asks for one notification, over RabbitMQ or HTTP, and may wait for what becomes of it.</summary>
internal static class SendCommand
{
    private const int DefaultTimeoutSeconds = 600;
    private const int MaxTimeoutSeconds = 30 * 24 * 60 * 60;

    public static Command Create()
    {
        var request = new RequestOptionGroup();
        var broker = new BrokerOptionGroup();
        var api = new ApiOptionGroup();
        var wait = new Option<bool>("--wait") { Description = "Waits for the end and shows it; over RabbitMQ with --url too, also how far it is." };
        var timeout = new Option<int>("--timeout") { Description = "How long to wait at most.", HelpName = "SECONDS", DefaultValueFactory = _ => DefaultTimeoutSeconds };
        var json = JsonOption.Create();
        var command = new Command("send", "Asks for a notification over RabbitMQ (--rabbitmq) or a worker's HTTP API (--url).");
        request.AddTo(command);
        broker.AddTo(command, required: false);
        api.AddTo(command, required: false);
        command.Add(wait);
        command.Add(timeout);
        command.Add(json);
        timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MaxTimeoutSeconds)
            {
                result.AddError($"--timeout must be 1 to {MaxTimeoutSeconds} seconds.");
            }
        });
        command.Validators.Add(result =>
        {
            if (broker.IsNamed(result) && api.IsNamed(result) && result.GetResult(wait) is null)
            {
                result.AddError("--rabbitmq and --url exclude each other, except with --wait: then the request goes over RabbitMQ, and --url shows how far it is.");
            }
            else if (!broker.IsGiven(result) && !api.IsGiven(result))
            {
                result.AddError("--rabbitmq or --url is required.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var faults = new List<ContractFault>();
            if (await request.ReadAsync(parsed, TimeProvider.System, faults, stop) is not { } notification)
            {
                await FaultLines.WriteAsync(faults, error);
                return ExitCodes.Usage;
            }
            var useApi = api.IsNamed(parsed.CommandResult) ? !broker.IsNamed(parsed.CommandResult) : !broker.IsGiven(parsed.CommandResult);
            await using IRequestRoute route = useApi
                ? new HttpRoute(api.Open(parsed))
                : await RabbitMqRoute.OpenAsync(
                    broker.Read(parsed)!, notification, parsed.GetValue(wait),
                    parsed.GetValue(wait) && api.IsGiven(parsed.CommandResult) ? api.Open(parsed) : null, stop);
            var end = await PublishAsync(
                route, notification, parsed.GetValue(wait), TimeSpan.FromSeconds(parsed.GetValue(timeout)), parsed.GetValue(json),
                new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System), error, stop);
            await FaultLines.WriteAsync(end.Faults, error);
            return end.ExitCode;
        });
        return command;
    }

    private static async Task<(int ExitCode, IReadOnlyList<ContractFault> Faults)> PublishAsync(
        IRequestRoute route, NotificationRequested request, bool wait, TimeSpan timeout, bool json, Screen screen, TextWriter error, CancellationToken stop)
    {
        var refused = await route.PublishAsync(request, stop);
        if (refused.Count > 0)
        {
            return (ExitCodes.Failure, refused);
        }
        if (!wait)
        {
            screen.Line(json ? JsonSerializer.Serialize(new { notificationId = request.NotificationId }) : request.NotificationId.ToString());
            return (ExitCodes.Success, []);
        }
        // Whoever stops waiting can still follow or cancel it; with --json the output is the end and nothing else.
        await (json ? error : screen.Output).WriteLineAsync($"{request.NotificationId} is published.");
        var end = json
            ? await route.WaitAsync(request.NotificationId, timeout, Silence.Instance, stop)
            : await screen.FollowAsync(progress => route.WaitAsync(request.NotificationId, timeout, progress, stop));
        if (end.Summary is { } summary && !json)
        {
            NotificationReport.Write(screen, summary);
        }
        else
        {
            screen.Line(json && end.Json is not null ? end.Json : $"{request.NotificationId}");
        }
        return (end.IsDone ? ExitCodes.Success : ExitCodes.Failure, end.Faults);
    }
}
