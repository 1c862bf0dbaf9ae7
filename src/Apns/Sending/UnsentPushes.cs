namespace PushFanout.Apns.Sending;

/// <summary>What was not written and never will be: gathered under the pump's gate, answered outside it.</summary>
internal sealed class UnsentPushes
{
    /// <summary>Pushes that had a connection; they have ended.</summary>
    public List<Push> Begun { get; } = [];

    /// <summary>Tokens that had none yet, by their places in their list.</summary>
    public List<(PushList List, int[] Indexes)> Waiting { get; } = [];

    public void GiveBack(ApnsReason begun, ApnsReason waiting)
    {
        foreach (var push in Begun)
        {
            push.List.Deliver(push.Index, new PushAnswer(Answer.Unprocessed, begun));
        }
        foreach (var (list, indexes) in Waiting)
        {
            foreach (var index in indexes)
            {
                list.Deliver(index, new PushAnswer(Answer.Unprocessed, waiting));
            }
        }
    }
}
