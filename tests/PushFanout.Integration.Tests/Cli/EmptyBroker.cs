using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

/// <summary>A RabbitMQ that no worker has ever seen, for tests of what is there before the first one.</summary>
public sealed class EmptyBroker : IAsyncLifetime
{
    private RabbitMqServer? _server;

    private RabbitMqServer Server => _server ?? throw new InvalidOperationException("The broker has not been started.");

    /// <summary>The virtual host that a broker has from the start.</summary>
    public Uri DefaultVirtualHost => Server.Uri;

    /// <summary>Its management API, which knows the bindings.</summary>
    public Uri Management => Server.ManagementUri;

    public async Task InitializeAsync() => _server = await RabbitMqServer.StartAsync(new RabbitMqServerOptions { Management = true });

    public async Task<Uri> NewVirtualHostAsync()
    {
        var name = $"test-{Guid.NewGuid():N}";
        await Server.ControlAsync("add_vhost", name);
        await Server.ControlAsync("set_permissions", "-p", name, "guest", ".*", ".*", ".*");
        return new Uri(Server.Uri, name);
    }

    public Task LoadDefinitionsAsync(string file) => Server.ControlAsync("import_definitions", file);

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
