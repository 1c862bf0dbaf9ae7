using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PushFanout.Apns;

namespace PushFanout.Worker.Telemetry;

/// <summary>Shows what the APNs clients and credentials of this worker say about themselves, whenever somebody collects; nothing is counted twice.</summary>
internal sealed class ApnsMetrics
{
    private static readonly string[] EndWords = [.. Enum.GetValues<ApnsConnectionEnd>().Select(PushTags.SnakeCase)];

    private readonly ConcurrentDictionary<(string Credential, ApnsEnvironment Environment), WatchedClient> _clients = new();
    private readonly ConcurrentDictionary<string, ApnsCredential> _credentials = new();
    private readonly Meter _meter;

    public ApnsMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(FanoutMetrics.MeterName);
        _meter.CreateObservableGauge("pushfanout.apns.connections.open", () => Each(now => now.ConnectionsOpen), "{connection}", "Connections to APNs that take pushes.");
        Counter("pushfanout.apns.connections.opened", "{connection}", "Connections to APNs that were opened.", () => Each(now => now.ConnectionsOpened));
        Counter("pushfanout.apns.connections.closed", "{connection}", "Connections to APNs that take no more pushes, by why.", Closed);
        Counter("pushfanout.apns.connect.failures", "{attempt}", "Attempts to connect to APNs that failed.", () => Each(now => now.ConnectFailures));
        Counter("pushfanout.apns.goaways", "{connection}", "Connections that APNs told to go (GOAWAY), by its code.", GoAways);
        _meter.CreateObservableGauge(
            "pushfanout.apns.in_flight", () => EachConnection(connection => connection.PushesInFlight), "{push}", "Pushes that a connection was given and that are not answered yet.");
        _meter.CreateObservableGauge(
            "pushfanout.apns.stream_limit", () => EachConnection(connection => connection.StreamLimit), "{push}", "Pushes that a connection would carry at a time now.");
        Counter("pushfanout.provider_token.renewals", "{token}", "Provider tokens signed: the first of each key, and one about every 45 minutes in which it sends.", TokensSigned);
        _meter.CreateObservableGauge("pushfanout.credential.not_after", NotAfter, "s", "When a certificate expires, as Unix time. An auth key (p8) does not expire and has no series.");
    }

    /// <summary>Shows this client from now on.</summary>
    public void Watch(string credential, ApnsEnvironment environment, ApnsClient client) => _clients[(credential, environment)] = new WatchedClient(
        client, new(Tags.Credential, credential), new(Tags.Environment, PushTags.SnakeCase(environment)));

    /// <summary>Shows this credential from now on.</summary>
    public void Watch(string name, ApnsCredential credential) => _credentials[name] = credential;

    private void Counter(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> observe) =>
        _meter.CreateObservableCounter(name, observe, unit, description);

    private IEnumerable<Measurement<long>> Each(Func<ApnsClientStatistics, long> value) =>
        _clients.Values.Select(client => client.Measure(value(client.Now)));

    private IEnumerable<Measurement<long>> EachConnection(Func<ApnsConnectionStatistics, long> value) =>
        from client in _clients.Values
        from connection in client.Now.Connections
        select client.Measure(value(connection), new(Tags.Connection, connection.Place));

    private IEnumerable<Measurement<long>> Closed() =>
        from client in _clients.Values
        let closed = client.Now.ConnectionsClosed
        from end in Enum.GetValues<ApnsConnectionEnd>()
        where end is ApnsConnectionEnd.Lost or ApnsConnectionEnd.GoAway || closed.ContainsKey(end) // the two to watch are there before the first
        select client.Measure(closed.GetValueOrDefault(end), new(Tags.Reason, EndWords[(int)end]));

    private IEnumerable<Measurement<long>> GoAways() =>
        from client in _clients.Values
        from code in client.Now.GoAways
        select client.Measure(code.Value, new(Tags.Code, code.Key));

    private IEnumerable<Measurement<long>> TokensSigned() =>
        from credential in _credentials
        where credential.Value is ProviderTokenKey
        select new Measurement<long>(((ProviderTokenKey)credential.Value).TokensSigned, new KeyValuePair<string, object?>(Tags.Credential, credential.Key));

    private IEnumerable<Measurement<long>> NotAfter() =>
        from credential in _credentials
        where credential.Value is ClientCertificate
        select new Measurement<long>(
            ((ClientCertificate)credential.Value).ExpiresAt.ToUnixTimeSeconds(), new KeyValuePair<string, object?>(Tags.Credential, credential.Key));

    private sealed record WatchedClient(ApnsClient Client, KeyValuePair<string, object?> Credential, KeyValuePair<string, object?> Environment)
    {
        public ApnsClientStatistics Now => Client.Statistics;

        public Measurement<long> Measure(long value) => new(value, Credential, Environment);

        public Measurement<long> Measure(long value, KeyValuePair<string, object?> tag) => new(value, Credential, Environment, tag);
    }
}
