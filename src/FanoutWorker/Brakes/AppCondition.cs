namespace PushFanout.Worker.Brakes;

/// <summary>What APNs answered to pushes of one app; what says nothing about tokens or credential is not counted.</summary>
internal readonly record struct AnswerCounts(int Accepted, int Unregistered, int Suspect, int Rejected, int CredentialRefused)
{
    public bool IsEmpty => this == default;

    /// <summary>Answers about a token.</summary>
    public int Answers => Accepted + Unregistered + Suspect + Rejected;

    public static AnswerCounts operator +(AnswerCounts a, AnswerCounts b) => new(
        a.Accepted + b.Accepted, a.Unregistered + b.Unregistered, a.Suspect + b.Suspect, a.Rejected + b.Rejected, a.CredentialRefused + b.CredentialRefused);
}

/// <summary>What a worker tells about one app, and asks for.</summary>
/// <param name="Worker">Who tells; the same for the life of the process.</param>
/// <param name="Answers">Heard since the last report.</param>
/// <param name="Outstanding">Pushes of this worker that may start or were written, and have no answer yet.</param>
/// <param name="Wanted">Pushes that it would start now; 0 when it only tells.</param>
/// <param name="SeenOpenAt">The opening that this worker saw last and of whose end it has not heard; a Redis that forgot it learns of it again.</param>
internal readonly record struct AppReport(string Worker, AnswerCounts Answers, int Outstanding, int Wanted, DateTimeOffset? SeenOpenAt = null);

/// <summary>How an app stands, over all workers.</summary>
/// <param name="Open">The brake is open: nothing is sent, nothing is removed.</param>
/// <param name="JustOpened">This report opened it.</param>
/// <param name="OpenedAt">When it opened last, whether or not it still is; null when it never did.</param>
/// <param name="RestsUntil">Its credential was refused: nothing is sent before; null when it was not.</param>
/// <param name="Trusted">Enough good answers: pushes need no permit.</param>
/// <param name="Granted">Pushes of those wanted that may start.</param>
/// <param name="Now">Time of the books.</param>
internal sealed record AppCondition(
    bool Open, bool JustOpened, DateTimeOffset? OpenedAt, DateTimeOffset? RestsUntil, bool Trusted, int Granted, DateTimeOffset Now)
{
    public bool Rests => RestsUntil > Now;
}
