using PushFanout.Apns;

/// <summary>A send that may be told to stop at any time, and then knows which devices it has not reached.</summary>
sealed class StopWithoutLoss(int devices) : IPushAnswers
{
    private readonly Answer[] answers = new Answer[devices];

    public async Task<IReadOnlyList<int>> SendAsync(
        ApnsClient client, ApnsNotification notification, ReadOnlyMemory<byte>[] tokens, CancellationToken stopping)
    {
        // Once it fires nothing new is written. What is not written comes back as Unprocessed, what is still gets its
        // answer, and the call returns when every token has one: at most AnswerTimeout later. It does not throw for it.
        await client.SendAsync(notification, tokens, this, default, stopping);

        return [.. Enumerable.Range(0, devices).Where(index => answers[index] == Answer.Unprocessed)];
    }

    public void OnAnswer(int index, in PushAnswer answer) => answers[index] = answer.Answer;
}
