using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.TokenCache;
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

    /// <summary>Newest first.</summary>
    /// <param name="before">Only those that were asked for before; null: from the latest on.</param>
    public async Task<NotificationPage> ListAsync(int limit, DateTimeOffset? before, CancellationToken stop)
    {
        var from = before is { } moment ? $"&before={Uri.EscapeDataString(moment.ToString("O", CultureInfo.InvariantCulture))}" : "";
        using var answer = await _http.GetAsync($"/api/notifications?limit={limit}{from}", stop);
        var (json, page) = await ReadAsync<NotificationPage>(answer, stop);
        return page with { Json = json };
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
        await RefuseFaultsAsync(answer, stop);
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

    public async Task<RegistrationResult> RegisterAsync(string app, DeviceRegistered device, CancellationToken stop) =>
        (await PostAsync<Registered>($"/api/apps/{Uri.EscapeDataString(app)}/devices", device, stop)).Result;

    /// <returns>How many devices were removed.</returns>
    public async Task<int> RemoveAsync(string app, DeviceUnregistered device, CancellationToken stop) =>
        (await PostAsync<Unregistered>($"/api/apps/{Uri.EscapeDataString(app)}/devices/remove", device, stop)).Removed;

    public async Task<IReadOnlyList<AudienceCount>> ListAudiencesAsync(string app, CancellationToken stop)
    {
        using var answer = await _http.GetAsync($"/api/apps/{Uri.EscapeDataString(app)}/audiences", stop);
        return (await ReadAsync<AudienceListing>(answer, stop)).Value.Audiences;
    }

    /// <summary>The apps that the worker serves.</summary>
    public async Task<(string Json, IReadOnlyList<AppView> Apps)> ListAppsAsync(CancellationToken stop)
    {
        using var answer = await _http.GetAsync("/api/apps", stop);
        var (json, listing) = await ReadAsync<AppListing>(answer, stop);
        return (json, listing.Apps);
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> PostAsync<T>(string path, object body, CancellationToken stop)
    {
        using var content = JsonContent.Create(body, body.GetType(), options: Json);
        using var answer = await _http.PostAsync(path, content, stop);
        await RefuseFaultsAsync(answer, stop);
        return (await ReadAsync<T>(answer, stop)).Value;
    }

    private static async Task RefuseFaultsAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        if (answer.StatusCode is HttpStatusCode.UnprocessableEntity && await answer.Content.ReadFromJsonAsync<Problem>(Json, stop) is { Faults: { } faults })
        {
            throw new ApiException(string.Join(Environment.NewLine, faults.Select(FaultLines.Of)));
        }
    }

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
        throw new ApiException($"{answer.RequestMessage?.RequestUri?.Authority} answers {(int)answer.StatusCode}{(detail is null ? "." : $": {detail}")}")
        {
            MayHaveHappened = answer.StatusCode >= HttpStatusCode.InternalServerError,
        };
    }

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        HttpJson.Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed record Registered(RegistrationResult Result);

    private sealed record Unregistered(int Removed);

    private sealed record AudienceListing(IReadOnlyList<AudienceCount> Audiences);

    private sealed record AppListing(IReadOnlyList<AppView> Apps);

    private sealed record Problem(string? Detail, IReadOnlyList<ContractFault>? Faults);
}

/// <summary>Some notifications, newest first.</summary>
/// <param name="Before">Where to go on; null at the end.</param>
/// <param name="Json">The same as it came.</param>
internal sealed record NotificationPage(IReadOnlyList<NotificationView> Notifications, DateTimeOffset? Before, string Json = "");

/// <summary>What became of steering a notification.</summary>
/// <param name="State">The state now, in one word.</param>
/// <param name="Applied">False when a later decision, or a cancel, stands.</param>
/// <param name="Known">False when the notification was not seen yet; the action then waits for it.</param>
internal sealed record Steering(string State, bool Applied, bool Known);

/// <summary>The worker refused, or something else answers there; the message says what.</summary>
internal sealed class ApiException(string message) : Exception(message)
{
    /// <summary>The worker failed on the way: whether it did what was asked for is not known.</summary>
    public bool MayHaveHappened { get; init; }
}
