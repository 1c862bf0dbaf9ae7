using System.Text.Json.Serialization;

namespace PushFanout.Worker.Hosting;

/// <summary>What carries the messages.</summary>
internal enum Transport
{
    RabbitMq,
    /// <summary>Within the process; everything is lost when it ends. For the demo and for tests.</summary>
    [JsonStringEnumMemberName("in-memory")]
    InMemory,
}
