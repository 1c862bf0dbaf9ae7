using System.Text.Json.Serialization;

namespace PushFanout.Contracts;

/// <summary>Which queues and slots a notification takes; urgent ones never wait behind the others.</summary>
[JsonConverter(typeof(WordConverter<Lane>))]
public enum Lane
{
    /// <summary>The default.</summary>
    Normal,
    /// <summary>Overtakes everything else.</summary>
    Urgent,
    /// <summary>Gives way to everything else.</summary>
    Bulk,
}

/// <summary>What is published when a notification is done.</summary>
[JsonConverter(typeof(WordConverter<Report>))]
public enum Report
{
    /// <summary>A <see cref="NotificationCompleted"/>.</summary>
    Summary,
    /// <summary>Nothing.</summary>
    None,
}

/// <summary>What an operator wants of a notification.</summary>
[JsonConverter(typeof(WordConverter<ControlAction>))]
public enum ControlAction
{
    /// <summary>Send nothing more until resumed.</summary>
    Pause,
    /// <summary>Go on, also after the brake stopped the notification.</summary>
    Resume,
    /// <summary>Send nothing more, for good. Nothing undoes it.</summary>
    Cancel,
}

/// <summary>How a notification ended.</summary>
[JsonConverter(typeof(WordConverter<FinalState>))]
public enum FinalState
{
    /// <summary>Every token was tried as far as it could be.</summary>
    Completed,
    /// <summary>An operator cancelled it; what had been sent before is in the totals.</summary>
    Cancelled,
    /// <summary>Its deadline or expiration passed first; what had been sent before is in the totals.</summary>
    Expired,
}
