using Microsoft.AspNetCore.Http;

namespace PushFanout.Worker.Hosting;

/// <summary>Who beyond this machine can reach the API must show a key.</summary>
internal static class HttpRules
{
    private const int MinimumKeyLength = 16;

    public static void Check(PushFanoutOptions options, SettingFaults faults)
    {
        var http = options.Http;
        if (http.ApiKeyFile is { } file)
        {
            var key = SecretText.TryRead(file, out var fault);
            if (key is null || key.Reveal().Length < MinimumKeyLength)
            {
                faults.Add("Http:ApiKeyFile", $"{file}: {(key is null ? fault : $"the key must have at least {MinimumKeyLength} characters")}");
            }
        }
        if (!options.Roles.HasFlag(Roles.Http) || faults.Concerns("Http:Urls"))
        {
            return;
        }
        var hosts = http.SplitUrls().Select(HostOf).ToList();
        if (hosts.Count == 0 || hosts.Contains(null))
        {
            faults.Add("Http:Urls", "must be http://host:port or https://host:port, several separated by semicolons");
        }
        else if (http.ApiKeyFile is null && !hosts.All(host => Loopback.Contains(host!)))
        {
            faults.Add("Http:ApiKeyFile", "is required when Http:Urls listens beyond this machine");
        }
    }

    private static string? HostOf(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address is { Scheme: "http" or "https", PathBase: "", IsUnixPipe: false, IsNamedPipe: false } ? address.Host : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
