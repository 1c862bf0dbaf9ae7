namespace PushFanout.Worker.Http;

/// <summary>Which parked messages are meant: either ids or all.</summary>
/// <param name="From">With all: only those from this queue.</param>
internal sealed record ParkedMoveBody(IReadOnlyList<string?>? Ids = null, bool? All = null, string? From = null);

/// <param name="Content">Whether to show what is in it: it is what some service wrote to its users.</param>
internal sealed record ParkedShowBody(string? Id = null, bool? Content = null);
