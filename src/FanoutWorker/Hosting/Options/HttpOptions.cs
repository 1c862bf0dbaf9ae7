using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>The HTTP API of the worker.</summary>
internal sealed class HttpOptions
{
    /// <summary>Addresses to listen at, separated by semicolons. Beyond this machine <see cref="ApiKeyFile"/> is required. Default <c>http://127.0.0.1:8080</c>.</summary>
    [Required]
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>A file that holds the key that callers must show and nothing else. Default none: everyone who can reach the address may call.</summary>
    public string? ApiKeyFile { get; init; }

    /// <summary>The addresses one by one.</summary>
    public string[] SplitUrls() => Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
