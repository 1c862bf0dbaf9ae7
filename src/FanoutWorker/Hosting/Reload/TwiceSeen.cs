namespace PushFanout.Worker.Hosting.Reload;

/// <summary>Content that is looked at again and again, by its digest: new once, when it was the same at two looks in a row.</summary>
/// <param name="inUse">What is there at the beginning.</param>
internal sealed class TwiceSeen(byte[] inUse)
{
    private byte[] _judged = inUse;
    private byte[] _last = inUse;

    /// <summary>Whether this was there at the last look too, and has not been judged.</summary>
    public bool IsNew(byte[] digest)
    {
        var settled = digest.AsSpan().SequenceEqual(_last);
        _last = digest;
        return settled && !digest.AsSpan().SequenceEqual(_judged);
    }

    /// <summary>It was taken over or refused: it is not new again before it changes.</summary>
    public void Judged(byte[] digest) => _judged = digest;
}
