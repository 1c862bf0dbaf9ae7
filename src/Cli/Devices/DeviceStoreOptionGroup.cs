using System.CommandLine;

namespace PushFanout.Cli;

/// <summary>How a command is told where the devices are: in Redis, or behind a worker's HTTP API.</summary>
internal sealed class DeviceStoreOptionGroup
{
    private readonly RedisOptionGroup _redis = new();
    private readonly ApiOptionGroup _api = new();

    public void AddTo(Command command)
    {
        _redis.AddTo(command, required: false);
        _api.AddTo(command, required: false);
        command.Validators.Add(result =>
        {
            if (_redis.IsNamed(result) && _api.IsNamed(result))
            {
                result.AddError("--redis and --url exclude each other.");
            }
            else if (!_redis.IsGiven(result) && !_api.IsGiven(result))
            {
                result.AddError("--redis or --url is required.");
            }
        });
    }

    /// <exception cref="MissingException">Redis holds no such app.</exception>
    public async Task<IDeviceStore> OpenAsync(ParseResult parsed, string app, CancellationToken stop) =>
        _api.IsNamed(parsed.CommandResult) || !_redis.IsGiven(parsed.CommandResult)
            ? new ApiDevices(_api.Open(parsed), app)
            : await RedisDevices.OpenAsync(_redis.Read(parsed), app, newShards: null, stop);
}
