using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Worker.Explain;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Http;

namespace PushFanout.Cli;

/// <summary>A worker's HTTP API, as far as the commands need it. Answers that are no answer to the question are an <see cref="ApiException"/>.</summary>
internal sealed class WorkerApi : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly JsonSerializerOptions Json = MakeOptions();

    private readonly HttpClient _http;

    public WorkerApi(Uri address, SecretText? key)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Reveal());
        }
    }

    /// <returns>What is wrong with the request in the eyes of the worker; empty when it was accepted.</returns>
    public async Task<IReadOnlyList<ContractFault>> PublishAsync(NotificationRequested request, CancellationToken stop)
    {
        using var body = new ByteArrayContent(ContractJson.Serialize(request));
        body.Headers.ContentType = new MediaTypeHeaderValue(ContractJson.ContentType);
        using var answer = await _http.PostAsync("/api/notifications", body, stop);
        if (answer.StatusCode is HttpStatusCode.UnprocessableEntity)
        {
            return (await answer.Content.ReadFromJsonAsync<Problem>(Json, stop))?.Faults ?? [];
        }
        await RequireSuccessAsync(answer, stop);
        return [];
    }

    /// <returns>The notification as JSON and as a value; null when the worker does not know it (yet, or any more).</returns>
    public async Task<(string Json, NotificationView View)?> FindAsync(Guid id, CancellationToken stop)
    {
        using var answer = await _http.GetAsync($"/api/notifications/{id}", stop);
        return answer.StatusCode is HttpStatusCode.NotFound ? null : await ReadAsync<NotificationView>(answer, stop);
    }

    /// <summary>The latest ones, newest first.</summary>
    public async Task<(string Json, IReadOnlyList<NotificationView> Views)> ListAsync(int limit, CancellationToken stop)
    {
        using var answer = await _http.GetAsync($"/api/notifications?limit={limit}", stop);
        var (json, page) = await ReadAsync<Listing>(answer, stop);
        return (json, page.Notifications);
    }

    /// <param name="action"><c>pause</c>, <c>resume</c> or <c>cancel</c>.</param>
    public async Task<(string Json, Steering Steering)> SteerAsync(Guid id, string action, CancellationToken stop)
    {
        using var answer = await _http.PostAsync($"/api/notifications/{id}/{action}", null, stop);
        return await ReadAsync<Steering>(answer, stop);
    }

    /// <param name="field"><c>token</c>, <c>deviceId</c> or <c>userId</c>.</param>
    /// <returns>Null when the worker does not know the notification.</returns>
    public async Task<(string Json, Explanation Explanation)?> ExplainAsync(Guid id, string field, string value, CancellationToken stop)
    {
        using var answer = await _http.PostAsJsonAsync($"/api/notifications/{id}/explain", new Dictionary<string, string> { [field] = value }, Json, stop);
        if (answer.StatusCode is HttpStatusCode.UnprocessableEntity && await answer.Content.ReadFromJsonAsync<Problem>(Json, stop) is { Faults: { } faults })
        {
            throw new ApiException(string.Join(Environment.NewLine, faults.Select(fault => $"{fault.Field}: {fault.Code}: {fault.Text}")));
        }
        return answer.StatusCode is HttpStatusCode.NotFound ? null : await ReadAsync<Explanation>(answer, stop);
    }

    /// <summary>How the brake of an app stands.</summary>
    public async Task<(string Json, BrakeView Brake)> ReadBrakeAsync(string app, CancellationToken stop)
    {
        using var answer = await _http.GetAsync($"/api/apps/{Uri.EscapeDataString(app)}/brake", stop);
        return await ReadAsync<BrakeView>(answer, stop);
    }

    /// <param name="app">Whose brake.</param>
    /// <param name="decision"><c>resume</c>, <c>release</c> or <c>discard</c>.</param>
    /// <param name="stop">Gives up waiting.</param>
    public async Task<(string Json, BrakeView Brake)> DecideBrakeAsync(string app, string decision, CancellationToken stop)
    {
        using var answer = await _http.PostAsync($"/api/apps/{Uri.EscapeDataString(app)}/brake/{decision}", null, stop);
        return await ReadAsync<BrakeView>(answer, stop);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<(string Json, T Value)> ReadAsync<T>(HttpResponseMessage answer, CancellationToken stop)
    {
        await RequireSuccessAsync(answer, stop);
        var json = await answer.Content.ReadAsStringAsync(stop);
        try
        {
            return (json, JsonSerializer.Deserialize<T>(json, Json) ?? throw new JsonException());
        }
        catch (JsonException)
        {
            throw new ApiException($"{answer.RequestMessage?.RequestUri?.Authority} answers, but not as a worker of this version does.");
        }
    }

    private static async Task RequireSuccessAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }
        var isProblem = answer.Content.Headers.ContentType?.MediaType is "application/problem+json";
        var detail = isProblem ? (await answer.Content.ReadFromJsonAsync<Problem>(Json, stop))?.Detail : null;
        throw new ApiException($"{answer.RequestMessage?.RequestUri?.Authority} answers {(int)answer.StatusCode}{(detail is null ? "." : $": {detail}")}");
    }

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        HttpJson.Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed record Listing(IReadOnlyList<NotificationView> Notifications);

    private sealed record Problem(string? Detail, IReadOnlyList<ContractFault>? Faults);
}

/// <summary>What became of steering a notification.</summary>
/// <param name="State">The state now, in one word.</param>
/// <param name="Applied">False when a later decision, or a cancel, stands.</param>
/// <param name="Known">False when the notification was not seen yet; the action then waits for it.</param>
internal sealed record Steering(string State, bool Applied, bool Known);

/// <summary>The worker refused, or something else answers there; the message says what.</summary>
internal sealed class ApiException(string message) : Exception(message);
