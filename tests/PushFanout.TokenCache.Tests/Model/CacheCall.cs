using FsCheck;
using FsCheck.Fluent;

namespace PushFanout.TokenCache.Tests.Model;

internal enum CallKind
{
    Register,
    Unregister,
    UnregisterUser,
    UnregisterDeviceId,
    Retire,
    Join,
    Leave,
}

/// <summary>One call on a token cache.</summary>
/// <param name="At">The moment it names, in steps of half a minute from now.</param>
/// <param name="Audiences">With a registration; null leaves them. Of a change only the first counts.</param>
internal sealed record CacheCall(CallKind Kind, int Number, int At, string? User, string? DeviceId, string[]? Audiences)
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    private byte[] Token => TestDevices.Token(Number);

    private string Audience => Audiences is [var first, ..] ? first : "news";

    /// <param name="withDeviceIds">Whether registrations name device ids and devices are unregistered by them.</param>
    public static Gen<CacheCall[]> Sequences(bool withDeviceIds) => (
        from kind in Gen.Elements(
        [
            CallKind.Register, CallKind.Register, CallKind.Register, CallKind.Register, CallKind.Unregister, CallKind.UnregisterUser,
            CallKind.Retire, CallKind.Retire, CallKind.Join, CallKind.Leave, .. withDeviceIds ? new[] { CallKind.UnregisterDeviceId } : [],
        ])
        from number in Gen.Choose(1, 3)
        from at in Gen.Choose(-8, 8) // half of them before now; at most four minutes ahead, where clocks are believed
        from user in Gen.Elements<string?>(null, "ann", "bob")
        from device in withDeviceIds ? Gen.Elements<string?>(null, "phone", "tablet") : Gen.Constant<string?>(null)
        from audiences in Gen.Elements<string[]?>(null, [], ["news"], ["news", "sports"], ["sports"])
        select new CacheCall(kind, number, at, user, device, audiences)).ArrayOf();

    /// <returns>What the call answered, to be compared.</returns>
    public async Task<string> MakeAsync(ITokenCache cache, string app, DateTimeOffset now)
    {
        var at = now + (At * Step);
        return Kind switch
        {
            CallKind.Register => $"{await cache.RegisterAsync(app, new DeviceRegistration(Token, at, DeviceId, User, Audiences), default)}",
            CallKind.Unregister => $"{await cache.UnregisterAsync(app, DeviceSelector.ByToken(Token), at, default)}",
            CallKind.UnregisterUser => $"{await cache.UnregisterAsync(app, DeviceSelector.ByUser(User ?? "ann"), at, default)}",
            CallKind.UnregisterDeviceId => $"{await cache.UnregisterAsync(app, DeviceSelector.ByDeviceId(DeviceId ?? "phone"), at, default)}",
            CallKind.Retire => $"{(await cache.RetireAsync(app, [new DeadToken(Token, at, "Unregistered")], default)).Count}",
            _ => Text(await cache.ChangeAudienceAsync(app, Change(), default)),
        };
    }

    /// <summary>The same on the model; null where it does not say.</summary>
    public string? MakeOn(PlainDevices model)
    {
        switch (Kind)
        {
            case CallKind.Register:
                return $"{model.Register(Number, At, User, Audiences)}";
            case CallKind.Unregister:
                return $"{model.Unregister(Number, At)}";
            case CallKind.UnregisterUser:
                return $"{model.UnregisterUser(User ?? "ann", At)}";
            case CallKind.Retire:
                return $"{model.Retire(Number, At)}";
            default:
                model.Change(Number, User, Audience, joins: Kind is CallKind.Join);
                return null;
        }
    }

    public override string ToString() => $"{Kind} {Number} at {At} user {User} device {DeviceId} audiences {(Audiences is null ? "as they are" : string.Join('+', Audiences))}";

    private AudienceChange Change() => (User, Kind) switch
    {
        (null, CallKind.Join) => TestDevices.Change(Audience, addTokens: [Token]),
        (null, _) => TestDevices.Change(Audience, removeTokens: [Token]),
        (var user, CallKind.Join) => TestDevices.Change(Audience, addUsers: user),
        (var user, _) => TestDevices.Change(Audience, removeUsers: user),
    };

    private static string Text(AudienceChangeResult result) => $"+{result.Added} -{result.Removed} ?{result.Unknown}";
}
