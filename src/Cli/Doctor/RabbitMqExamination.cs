using System.Text;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Cli.Doctor;

/// <summary>RabbitMQ: whether it lets us in, what it is, whether the queues are what workers need, are consumed, and none is parked.</summary>
internal sealed class RabbitMqExamination(BrokerConnection broker)
{
    private static readonly Version OldestVersion = new(3, 10);

    private string Subject => $"RabbitMQ {broker}";

    public async Task RunAsync(Examination examination, CancellationToken stop)
    {
        try
        {
            await using var connection = await broker.ConnectAsync("pushfanout doctor", stop);
            ExamineVersion(VersionOf(connection), examination);
            var differences = await TopologyComparison.RunAsync(connection, stop);
            ExamineTopology(differences, examination);
            if (!differences.Any(difference => difference.Kind == TopologyDifference.Missing))
            {
                await ExamineQueuesAsync(connection, examination, stop);
            }
        }
        catch (BrokerUnreachableException away)
        {
            var refusal = RefusalOf(away);
            examination.Find(refusal is null ? FindingKinds.RabbitMqUnreachable : FindingKinds.RabbitMqLoginRefused, Subject, refusal ?? $"{Failure.Innermost(away).Message}.");
        }
        catch (OperationInterruptedException refused)
        {
            examination.Find(FindingKinds.RabbitMqLoginRefused, Subject, refused.ShutdownReason?.ReplyText ?? refused.Message);
        }
    }

    /// <summary>Judges the version that a broker gives.</summary>
    public void ExamineVersion(string text, Examination examination)
    {
        if (Version.TryParse(text.Split('-', '+')[0], out var version) && version < OldestVersion)
        {
            examination.Find(FindingKinds.RabbitMqTooOld, Subject, $"It is {text}.");
        }
        else
        {
            examination.Fine(Subject, text);
        }
    }

    private static string VersionOf(IConnection connection) =>
        connection.ServerProperties?.TryGetValue("version", out var value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : "";

    private void ExamineTopology(IReadOnlyList<TopologyDifference> differences, Examination examination)
    {
        foreach (var conflict in differences.Where(difference => difference.Kind == TopologyDifference.Different))
        {
            examination.Find(FindingKinds.TopologyConflict, conflict.What, conflict.Detail ?? "");
        }
        var missing = differences.Where(difference => difference.Kind == TopologyDifference.Missing).ToList();
        if (missing.Count > 0)
        {
            examination.Find(
                FindingKinds.TopologyMissing, Subject, missing.Count == 1 ? $"{missing[0].What} is not there." : $"{missing[0].What} and {missing.Count - 1} more are not there.");
        }
        if (differences.Count == 0)
        {
            examination.Fine("topology", $"{Topology.AllExchanges.Count} exchanges and {Topology.Queues.Count} queues are as workers declare them");
        }
    }

    private static async Task ExamineQueuesAsync(IConnection connection, Examination examination, CancellationToken stop)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stop);
        var unattended = new List<string>();
        foreach (var queue in QueueNames.Returning)
        {
            if ((await channel.QueueDeclarePassiveAsync(queue, stop)).ConsumerCount == 0)
            {
                unattended.Add(queue);
            }
        }
        if (unattended.Count > 0)
        {
            examination.Find(
                FindingKinds.QueueUnattended, unattended.Count == 1 ? unattended[0] : $"{unattended.Count} queues",
                unattended.Count == QueueNames.Returning.Count() ? "No worker runs here." : $"No worker consumes {string.Join(", ", unattended)}.");
        }
        else
        {
            examination.Fine("workers", "every queue has a consumer");
        }
        if (await channel.MessageCountAsync(QueueNames.Parked, stop) is > 0 and var parked)
        {
            examination.Find(FindingKinds.MessagesParked, QueueNames.Parked, $"{Screen.Number(parked)} of them.");
        }
    }

    /// <summary>What the broker said when it closed the door; null when nobody was there to say anything.</summary>
    private static string? RefusalOf(Exception? failure)
    {
        for (; failure is not null; failure = failure is AggregateException { InnerExceptions: [.., var last] } ? last : failure.InnerException)
        {
            if (failure is AuthenticationFailureException)
            {
                return failure.Message;
            }
            if (failure is OperationInterruptedException { ShutdownReason.ReplyText: { } said })
            {
                return said;
            }
        }
        return null;
    }
}
