namespace PushFanout.Apns.Tests.Kit;

/// <summary>Keeps each answer and how often it came.</summary>
internal sealed class CollectedAnswers(int count) : IPushAnswers
{
    private readonly PushAnswer[] answers = new PushAnswer[count];
    private readonly int[] times = new int[count];
    private int received;

    public int Received => Volatile.Read(ref received);

    public void OnAnswer(int index, in PushAnswer answer)
    {
        answers[index] = answer;
        Interlocked.Increment(ref times[index]);
        Interlocked.Increment(ref received);
    }

    public PushAnswer[] All()
    {
        Assert.All(times, time => Assert.Equal(1, time));
        return answers;
    }
}
