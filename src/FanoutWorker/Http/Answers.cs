using System.Text.Json.Nodes;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Parked;

namespace PushFanout.Worker.Http;

/// <summary>202: the broker has the request.</summary>
internal sealed record PublishedAnswer(Guid NotificationId);

/// <param name="Before">To be given as <c>before</c> for the next page; null on the last one.</param>
internal sealed record NotificationsAnswer(IReadOnlyList<NotificationView> Notifications, DateTimeOffset? Before);

/// <param name="Applied">False when a later decision, or a cancel, stands.</param>
/// <param name="Known">False when the notification was not seen yet; the action then waits for it.</param>
internal sealed record SteeringAnswer(Guid NotificationId, NotificationState State, bool Applied, bool Known);

internal sealed record AppsAnswer(IReadOnlyList<AppView> Apps);

internal sealed record AudiencesAnswer(IReadOnlyList<AudienceCount> Audiences);

internal sealed record RegisteredAnswer(RegistrationResult Result);

/// <param name="Removed">Devices.</param>
internal sealed record RemovedAnswer(int Removed);

/// <param name="Messages">The oldest first.</param>
/// <param name="More">Whether there are others.</param>
internal sealed record ParkedListAnswer(IReadOnlyList<ParkedMessage> Messages, bool More);

/// <param name="Content">With fingerprints in the place of device tokens; only when asked for.</param>
internal sealed record ParkedShownAnswer(ParkedMessage Message, JsonNode? Content);

/// <summary>A refusal, as it is written: problem details of RFC 9457.</summary>
/// <param name="Code">One of <see cref="ProblemCodes"/>.</param>
/// <param name="Faults">With <see cref="ProblemCodes.InvalidRequest"/>.</param>
/// <param name="NotificationId">With <see cref="ProblemCodes.Unavailable"/>, when a request is to be repeated with this id.</param>
internal sealed record ProblemAnswer(
    string? Type, string? Title, int Status, string Detail, string Code, IReadOnlyList<Contracts.ContractFault>? Faults, Guid? NotificationId);
