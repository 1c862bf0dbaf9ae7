namespace PushFanout.ApnsSimulator;

/// <summary>An argument of the program; other programs that run the simulator offer the same ones.</summary>
/// <param name="Name">Without the two dashes.</param>
/// <param name="Value">What its value is, in one word.</param>
/// <param name="Text">What it does, with the default in parentheses.</param>
public sealed record SimulatorArgument(string Name, string Value, string Text)
{
    /// <summary>Every one; all take a value, and none is required.</summary>
    public static IReadOnlyList<SimulatorArgument> All { get; } =
    [
        new("port", "N", "HTTP/2 port (2197; 0 takes a free one)"),
        new("control-port", "N", "port for questions and orders (2198; 0 takes a free one)"),
        new("listen", "ADDRESS", "where both listen (127.0.0.1)"),
        new("host-name", "NAME", "name in the server certificate; may be repeated (localhost)"),
        new("data-dir", "PATH", "keeps authority and demo key over restarts (a temporary folder)"),
        new("environment", "NAME", "production or sandbox (production)"),
        new("topic", "BUNDLE-ID", "a bundle id that exists; may be repeated (any)"),
        new("team-id", "ID", "team of the demo key (DEMOTEAM01)"),
        new("key-id", "ID", "id of the demo key (DEMOKEY001)"),
        new("latency", "MS[-MS]", "time of an answer in milliseconds, fixed or between two bounds (0)"),
        new("unregistered-share", "X", "share of the tokens that are gone, 0 to 1 (0)"),
        new("expired-share", "X", "share of the tokens that have expired, 0 to 1 (0)"),
        new("bad-token-share", "X", "share of the tokens that are wrong, 0 to 1 (0)"),
        new("max-streams", "N", "streams of a connection at a time, 1 to 10000 (1000)"),
        new("strict", "true", "treats connections as Apple does: one stream until a push is accepted and after rejections, ... (false)"),
        new("max-pushes", "N", "pushes to remember, about 50 bytes each (10000000)"),
        new("seed", "N", "picks the tokens of the shares (1)"),
        new("tolerant-tokens", "true", "accepts provider tokens that bend the standard (false)"),
    ];
}
