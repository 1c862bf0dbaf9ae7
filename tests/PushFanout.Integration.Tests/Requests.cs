using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using PushFanout.Integration.Tests.Installation;
using PushFanout.TokenCache;

namespace PushFanout.Integration.Tests;

/// <summary>Requests as raw JSON and devices with predictable tokens.</summary>
internal static class Requests
{
    public const string Source = "checkout";

    public static string RoutingKey => $"{TestInstallation.App}.{Source}";

    /// <summary>A request that is right; <paramref name="more"/> adds and replaces fields.</summary>
    public static string Json(Guid id, string audience, string? more = null)
    {
        var request = new JsonObject
        {
            ["notificationId"] = id,
            ["app"] = TestInstallation.App,
            ["audience"] = JsonNode.Parse(audience),
            ["payload"] = JsonNode.Parse("""{"aps":{"alert":{"title":"Sale","body":"Ends today"}}}"""),
            ["source"] = Source,
        };
        foreach (var (name, value) in more is null ? [] : JsonNode.Parse(more)!.AsObject())
        {
            request[name] = value?.DeepClone();
        }
        return request.ToJsonString();
    }

    /// <summary>The token of device number <paramref name="number"/>: 32 bytes, the same in every run.</summary>
    public static byte[] Token(int number) => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    public static DeviceRegistration Device(int number, params string[] audiences) =>
        new(Token(number), TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1), Audiences: audiences);
}
