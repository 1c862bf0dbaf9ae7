namespace PushFanout.Contracts.Tests;

/// <summary>One message of each kind with every field given; the golden files are made of them.</summary>
internal static class Examples
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    public static readonly Guid Id = new("0b8f6a4e-6a53-4c0b-9e5e-0f6d3a4c1b2d");
    public static readonly string Token = string.Concat(Enumerable.Repeat("a1b2c3d4", 8));
    public static readonly string OtherToken = string.Concat(Enumerable.Repeat("00ff", 16));

    public static NotificationRequested Request { get; } = new()
    {
        NotificationId = Id,
        App = "shop-ios",
        Audience = new Audience
        {
            AnyOf = ["sale.autumn", "sale.winter"],
            AllOf = ["lang.de"],
            NoneOf = ["opted-out"],
            Users = ["customer-4711"],
            Tokens = [Token],
        },
        Payload = PushPayload.Parse("""{"aps":{"alert":{"title":"Ausverkauf","body":"20 % auf alles für dich"},"badge":1},"sale":17.50}"""),
        PushType = PushType.Alert,
        Lane = Lane.Bulk,
        Priority = 5,
        CollapseId = "sale-autumn",
        Expiration = Noon.AddDays(1),
        StoreIfOffline = true,
        NotBefore = Noon.AddMinutes(10),
        Deadline = Noon.AddHours(6),
        PushesPerSecond = 5_000,
        MaxAudience = 2_000_000,
        DryRun = false,
        Report = Report.Summary,
        Source = "campaigns",
        Reference = "autumn sale, wave 2",
    };

    public static NotificationRequested MinimalRequest { get; } = new()
    {
        NotificationId = Id,
        App = "shop-ios",
        Audience = Audience.OfUsers("customer-4711"),
        Payload = PushPayload.Parse("""{"aps":{"alert":"Your order is on its way"}}"""),
    };

    public static NotificationControl Control { get; } = new() { NotificationId = Id, Action = ControlAction.Pause, At = Noon };

    public static DeviceRegistered Registered { get; } = new()
    {
        App = "shop-ios",
        Token = Token,
        DeviceId = "phone-1",
        UserId = "customer-4711",
        Audiences = ["lang.de", "sale.autumn"],
        At = Noon,
    };

    public static DeviceUnregistered Unregistered { get; } = new() { App = "shop-ios", DeviceId = "phone-1", At = Noon };

    public static AudienceChanged AudienceChange { get; } = new()
    {
        App = "shop-ios",
        Audience = "sale.autumn",
        Add = [AudienceMember.OfUser("customer-4711"), AudienceMember.OfToken(Token)],
        Remove = [AudienceMember.OfToken(OtherToken)],
    };

    public static DeadTokensFound DeadTokens { get; } = new()
    {
        App = "shop-ios",
        NotificationId = Id,
        Tokens = [new DeadDeviceToken { Token = Token, Reason = "Unregistered", Since = Noon.AddDays(-3) }],
    };

    public static NotificationRejected Rejected { get; } = new()
    {
        NotificationId = Id,
        App = "shop-ios",
        Source = "campaigns",
        Reference = "autumn sale, wave 2",
        Faults =
        [
            new ContractFault("priority", FaultCodes.WrongType, "It must be a number."),
            new ContractFault("payload", FaultCodes.PayloadTooLarge, "4097 bytes when minified; the limit of alert pushes is 4096."),
        ],
        RejectedAt = Noon,
    };

    public static NotificationCompleted Completed { get; } = new()
    {
        NotificationId = Id,
        App = "shop-ios",
        Source = "campaigns",
        Reference = "autumn sale, wave 2",
        State = FinalState.Completed,
        Audience = 100_000,
        Outcomes = new OutcomeTotals { Accepted = 97_900, Unregistered = 2_000, Rejected = 60, Expired = 10, Cancelled = 0, Undeliverable = 30 },
        Reasons = new Dictionary<string, long> { ["Unregistered"] = 2_000, ["BadDeviceToken"] = 60, ["TooManyRequests"] = 30 },
        Ambiguous = 3,
        Malformed = 1,
        UsersWithoutDevices = 12,
        RequestedAt = Noon,
        PlannedAt = Noon.AddMilliseconds(40),
        FirstPushAt = Noon.AddMilliseconds(90),
        CompletedAt = Noon.AddSeconds(12),
        Exact = true,
        DryRun = false,
    };

    public static DevicesRetired Retired { get; } = new()
    {
        App = "shop-ios",
        Devices =
        [
            new RetiredDeviceToken { Token = Token, UserId = "customer-4711", DeviceId = "phone-1", Reason = "Unregistered", Since = Noon.AddDays(-3) },
        ],
        RetiredAt = Noon,
    };

    /// <summary>Every message by the last part of its exchange's name.</summary>
    public static IReadOnlyDictionary<string, object> All { get; } = new Dictionary<string, object>
    {
        ["notification-requested"] = Request,
        ["notification-control"] = Control,
        ["device-registered"] = Registered,
        ["device-unregistered"] = Unregistered,
        ["audience-changed"] = AudienceChange,
        ["dead-tokens-found"] = DeadTokens,
        ["notification-rejected"] = Rejected,
        ["notification-completed"] = Completed,
        ["devices-retired"] = Retired,
    };

    public static TheoryData<string> Names => [.. All.Keys];
}
