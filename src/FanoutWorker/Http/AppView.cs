using PushFanout.Apns;
using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Http;

/// <summary>An app as the API shows it.</summary>
internal sealed record AppView(
    string Name, string Topic, ApnsEnvironment? Environment, string Credential, int? PushesPerSecond, long? MaxAudience,
    IReadOnlyList<string> AllowedSources, TimeSpan DefaultDeadline, int Shards)
{
    public static AppView Of(string name, AppOptions app) => new(
        name, app.Topic, app.Environment, app.Credential, app.PushesPerSecond, app.MaxAudience, app.AllowedSources, app.DefaultDeadline, app.Shards);
}
