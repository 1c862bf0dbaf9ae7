using System.Text;

namespace PushFanout.Contracts.Tests.Reading;

/// <summary>Requests as JSON text with one thing changed.</summary>
internal static class RequestJson
{
    public const string Good =
        """{"notificationId":"0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d","app":"shop-ios","audience":{"users":["u1"]},"payload":{"aps":{"alert":"Hi"}}}""";

    /// <summary>The good request with further fields.</summary>
    public static string With(string fields) => $"{Good[..^1]},{fields}}}";

    /// <summary>The good request with another value for a field that it has.</summary>
    public static string Replacing(string field, string value) => field switch
    {
        "notificationId" => Good.Replace("\"0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d\"", value),
        "app" => Good.Replace("\"shop-ios\"", value),
        "audience" => Good.Replace("""{"users":["u1"]}""", value),
        "payload" => Good.Replace("""{"aps":{"alert":"Hi"}}""", value),
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    public static ContractReading<NotificationRequested> Read(string json, WorkerContext? context = null) =>
        NotificationRequestedReader.Read(Encoding.UTF8.GetBytes(json), context);

    /// <summary>The faults as <c>field code</c>, which is what programs look at.</summary>
    public static string[] FaultsOf(string json, WorkerContext? context = null)
    {
        var reading = Read(json, context);
        Assert.Null(reading.Unreadable);
        Assert.Equal(reading.Faults.Count == 0, reading.Message is not null);
        return [.. reading.Faults.Select(fault => $"{fault.Field} {fault.Code}")];
    }
}
