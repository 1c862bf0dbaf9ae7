using System.Net.Mime;

namespace PushFanout.Worker.Messaging;

/// <summary>The media types that the worker writes and reads.</summary>
internal static class ContentTypes
{
    /// <summary>JSON without an envelope.</summary>
    public static readonly ContentType Json = new("application/json");

    /// <summary>MassTransit's envelope; what a producer with MassTransit's defaults sends.</summary>
    public const string MassTransitEnvelope = "application/vnd.masstransit+json";

    /// <summary>A work message, see <see cref="WorkMessageFormat"/>.</summary>
    public static readonly ContentType Work = new("application/vnd.pushfanout.work");
}
