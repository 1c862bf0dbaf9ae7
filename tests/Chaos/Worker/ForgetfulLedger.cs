using PushFanout.Worker.Ledger;

namespace PushFanout.Chaos.Worker;

/// <summary>Breaks the guard "ask what is sent already": every claim is answered with go, and nothing of the batch is known.</summary>
internal sealed class ForgetfulLedger(INotificationLedger ledger) : LedgerDecorator(ledger)
{
    public override async Task<ClaimResult> ClaimAsync(ClaimRequest claim, CancellationToken cancellationToken)
    {
        var result = await base.ClaimAsync(claim, cancellationToken);
        return result.Verdict is ClaimVerdict.Go or ClaimVerdict.Busy or ClaimVerdict.Settled or ClaimVerdict.Stale
            ? result with { Verdict = ClaimVerdict.Go, Outcomes = new byte[claim.Count] }
            : result;
    }
}
