using System.Diagnostics.Metrics;
using PushFanout.Worker.Messaging.RabbitMq;

namespace PushFanout.Worker.Telemetry;

/// <summary>Shows what the broker last said of its queues; nothing while it does not answer, and nothing with the in-memory transport.</summary>
internal sealed class QueueGauges
{
    private volatile IReadOnlyDictionary<string, QueueCounts>? _last;

    public QueueGauges(IMeterFactory meters)
    {
        var meter = meters.Create(FanoutMetrics.MeterName);
        meter.CreateObservableGauge(
            "pushfanout.queue.messages", () => Each(counts => counts.Messages), "{message}", "Messages that wait in a queue, over all workers: every worker shows the same.");
        meter.CreateObservableGauge(
            "pushfanout.queue.consumers", () => Each(counts => counts.Consumers), "{consumer}", "Consumers of a queue, over all workers: every worker shows the same.");
    }

    /// <param name="counts">By queue; null when the broker did not answer.</param>
    public void Show(IReadOnlyDictionary<string, QueueCounts>? counts) => _last = counts;

    private IEnumerable<Measurement<long>> Each(Func<QueueCounts, long> value) =>
        (_last ?? new Dictionary<string, QueueCounts>()).Select(queue => new Measurement<long>(value(queue.Value), new KeyValuePair<string, object?>(Tags.Queue, queue.Key)));
}
