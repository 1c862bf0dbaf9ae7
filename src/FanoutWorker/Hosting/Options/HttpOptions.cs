using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>The HTTP API of the worker.</summary>
internal sealed class HttpOptions
{
    [Setting("Where it listens, several with semicolons. Beyond this machine `ApiKeyFile` is required.", Allowed = "`http://host:port`, `https://host:port`")]
    [Required]
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    [Setting("A file with the key that callers must show, of at least 16 characters.", Unset = "no key")]
    public string? ApiKeyFile { get; init; }

    /// <summary>The addresses one by one.</summary>
    public string[] SplitUrls() => Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
