using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushFanout.Apns;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Tests.Hosting;

namespace PushFanout.Worker.Tests.Http;

/// <summary>A whole worker in this process, everything in memory unless said otherwise, listening on a free port.</summary>
internal sealed class HttpWorker : IAsyncDisposable
{
    public const string App = "shop-ios";

    private readonly TemporaryFolder _files;
    private readonly WebApplication _application;

    private HttpWorker(TemporaryFolder files, WebApplication application)
    {
        _files = files;
        _application = application;
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new HttpClient { BaseAddress = new Uri(address) };
    }

    public HttpClient Client { get; }

    /// <summary>Everything that is served.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _application.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <param name="key">The API key to ask for; null for none.</param>
    /// <param name="serversAway">On a RabbitMQ and a Redis that are not there.</param>
    public static async Task<HttpWorker> StartAsync(string? key = null, bool serversAway = false)
    {
        var files = new TemporaryFolder();
        var options = new PushFanoutOptions
        {
            Transport = serversAway ? Transport.RabbitMq : Transport.InMemory,
            RabbitMq = serversAway ? new RabbitMqOptions { Uri = new Uri("amqp://127.0.0.1:1/"), PublishTimeout = TimeSpan.FromMilliseconds(200) } : new RabbitMqOptions(),
            Redis = serversAway ? new RedisOptions { Endpoints = "127.0.0.1:1", Timeout = TimeSpan.FromMilliseconds(200) } : null,
            Credentials = { ["main"] = new CredentialOptions { Kind = CredentialKind.P8, TeamId = "TEAM456789", KeyId = "KEY3456789", KeyFile = files.WriteAuthKey() } },
            Apps = { [App] = new AppOptions { Topic = "com.example.shop", Environment = ApnsEnvironment.Sandbox, Credential = "main", Shards = 16 } },
            Apns = new ApnsOptions { EndpointOverride = new Uri("https://127.0.0.1:1") },
            Http = new HttpOptions { Urls = "http://127.0.0.1:0", ApiKeyFile = key is null ? null : files.Write("key", key) },
        };
        var application = (WebApplication)WorkerHost.Build(options, new ConfigurationBuilder().Build(), builder => builder.Logging.SetMinimumLevel(LogLevel.None));
        await application.StartAsync();
        return new HttpWorker(files, application);
    }

    public async Task<(int Status, JsonNode? Body)> PostAsync(string path, string json)
    {
        using var response = await Client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, await BodyOf(response));
    }

    public async Task<(int Status, JsonNode? Body)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        return ((int)response.StatusCode, await BodyOf(response));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        _files.Dispose();
    }

    private static async Task<JsonNode?> BodyOf(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true
            ? await response.Content.ReadFromJsonAsync<JsonNode>(JsonSerializerOptions.Web)
            : null;
}
