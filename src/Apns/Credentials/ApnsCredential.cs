namespace PushFanout.Apns;

/// <summary>
/// What proves to APNs who sends: a <see cref="ProviderTokenKey"/> or a <see cref="ClientCertificate"/>. Load it once per process and
/// give the same object to every <see cref="ApnsClient"/> that uses it; dispose it after them.
/// </summary>
public abstract class ApnsCredential : IDisposable
{
    private protected ApnsCredential()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Forgets the secret.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected abstract void Dispose(bool disposing);
}
