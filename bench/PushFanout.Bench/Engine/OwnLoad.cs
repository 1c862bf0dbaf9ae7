using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PushFanout.Apns;

namespace PushFanout.Bench.Engine;

/// <summary>
/// <see cref="ApnsClient"/> through its public surface: lists of a thousand, so many at a time that streams never run idle, as a
/// worker has them; or one call per push.
/// </summary>
internal sealed class OwnLoad : IPushLoad
{
    private const int ListLength = 1000;
    private const int ListsPerConnection = 4;

    private readonly bool _singly;
    private readonly int _connections;
    private readonly ProviderTokenKey _key;
    private readonly ApnsClient _client;
    private readonly ReadOnlyMemory<byte>[] _tokens = PushWork.Tokens();
    private readonly ApnsNotification _notification = new() { Payload = PushWork.Body, Topic = PushWork.Topic, PushType = PushWork.PushType };

    public OwnLoad(Uri endpoint, string authorityFile, int connections, bool singly)
    {
        _singly = singly;
        _connections = connections;
        _key = MakeKey();
        _client = new ApnsClient(_key, new ApnsClientOptions
        {
            Environment = ApnsEnvironment.Production,
            EndpointOverride = endpoint,
            TrustedRoots = [X509CertificateLoader.LoadCertificateFromFile(authorityFile)],
            MaxConnections = connections,
            MaxStreamsPerConnection = PushWork.InFlightPerConnection,
            UrgentReservePercent = 0,
        });
    }

    public int? Connections => _client.Statistics.ConnectionsOpen;

    public async Task<long> SendAsync(int pushes)
    {
        var accepted = new Accepted();
        var left = new Remaining(pushes);
        var loops = _connections * (_singly ? PushWork.InFlightPerConnection : ListsPerConnection);
        await Task.WhenAll(Enumerable.Range(0, loops).Select(_ => _singly ? SendSinglesAsync(left, accepted) : SendListsAsync(left, accepted)));
        return accepted.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _key.Dispose();
    }

    private async Task SendListsAsync(Remaining left, Accepted accepted)
    {
        for (int end; (end = left.Take(ListLength)) > 0;)
        {
            var count = Math.Min(ListLength, end);
            var tokens = _tokens.AsMemory((end - count) % (PushWork.Devices - ListLength), count);
            await _client.SendAsync(_notification, tokens, accepted, default, CancellationToken.None);
        }
    }

    private async Task SendSinglesAsync(Remaining left, Accepted accepted)
    {
        for (int end; (end = left.Take(1)) > 0;)
        {
            var answer = await _client.SendAsync(_notification, _tokens[end % PushWork.Devices], default, CancellationToken.None);
            accepted.OnAnswer(0, answer);
        }
    }

    private static ProviderTokenKey MakeKey()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.GetTempFileName(); // readable by this user only
        try
        {
            File.WriteAllText(file, pair.ExportPkcs8PrivateKeyPem());
            return (ProviderTokenKey)ProviderTokenKey.Load("BENCHTEAM1", "BENCHKEY01", file).Credential!;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed class Remaining(int pushes)
    {
        private int _left = pushes;

        /// <returns>What was left before; zero or less: nothing.</returns>
        public int Take(int count) => Interlocked.Add(ref _left, -count) + count;
    }

    private sealed class Accepted : IPushAnswers
    {
        private long _count;

        public long Count => Volatile.Read(ref _count);

        public void OnAnswer(int index, in PushAnswer answer)
        {
            if (answer.Answer == Answer.Accepted)
            {
                Interlocked.Increment(ref _count);
            }
        }
    }
}
