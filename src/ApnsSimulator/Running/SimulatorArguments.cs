using System.Globalization;
using System.Net;

namespace PushFanout.ApnsSimulator;

/// <summary>Arguments and variables of the program; every fault is named at once.</summary>
internal sealed class SimulatorArguments
{
    private static readonly string[] Names = [.. SimulatorArgument.All.Select(argument => argument.Name)];

    private readonly Dictionary<string, List<string>> given = [];
    private readonly List<string> faults = [];

    public bool HelpWanted { get; private set; }
    /// <summary>Null when there are faults.</summary>
    public SimulatorOptions? Options { get; private set; }
    public IReadOnlyList<string> Faults => faults;

    public static string Help { get; } = string.Join('\n',
        [
            "Plays Apple's push service (APNs) on this machine.",
            "",
            .. SimulatorArgument.All.Select(argument => $"  --{argument.Name + " " + argument.Value,-24} {argument.Text}"),
            "",
            "Each can be given as a variable as well: SIMULATOR_PORT, SIMULATOR_HOST_NAME=a,b, ...",
        ]);

    public static SimulatorArguments Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var read = new SimulatorArguments();
        foreach (var name in Names)
        {
            if (environment("SIMULATOR_" + name.ToUpperInvariant().Replace('-', '_')) is { Length: > 0 } variable)
            {
                read.given[name] = [.. variable.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
            }
        }
        read.Take(arguments);
        if (read.faults.Count == 0 && !read.HelpWanted)
        {
            var options = read.Build();
            read.Options = read.faults.Count == 0 ? options : null;
        }
        return read;
    }

    private void Take(IReadOnlyList<string> arguments)
    {
        var fromArguments = new HashSet<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i].StartsWith("--", StringComparison.Ordinal) ? arguments[i][2..] : "";
            if (name == "help")
            {
                HelpWanted = true;
            }
            else if (!Names.Contains(name))
            {
                faults.Add($"'{arguments[i]}' is not known; --help shows what is.");
            }
            else if (++i == arguments.Count)
            {
                faults.Add($"--{name} needs a value.");
            }
            else
            {
                if (fromArguments.Add(name))
                {
                    given[name] = [];
                }
                given[name].Add(arguments[i]);
            }
        }
    }

    private SimulatorOptions Build() => new()
    {
        Port = Number("port", 2197, 0, 65_535),
        ControlPort = Number("control-port", 2198, 0, 65_535),
        ListenAddress = Value("listen", IPAddress.Loopback, TryReadAddress, "an IP address"),
        HostNames = given.GetValueOrDefault("host-name") ?? ["localhost"],
        DataDirectory = given.GetValueOrDefault("data-dir")?[^1],
        Environment = Value("environment", SimulatedEnvironment.Production, TryReadEnvironment, "production or sandbox"),
        Topics = given.GetValueOrDefault("topic") ?? [],
        DemoTeamId = Identifier("team-id", "DEMOTEAM01"),
        DemoKeyId = Identifier("key-id", "DEMOKEY001"),
        Latency = Value("latency", AnswerLatency.None, TryReadLatency, "milliseconds, for example 40 or 10-80"),
        UnregisteredShare = Share("unregistered-share"),
        ExpiredShare = Share("expired-share"),
        BadTokenShare = Share("bad-token-share"),
        MaxStreamsPerConnection = Number("max-streams", 1000, 1, 10_000),
        Rules = Value("strict", false, bool.TryParse, "true or false") ? ConnectionRules.Strict : ConnectionRules.Lenient,
        MaxRecordedPushes = Number("max-pushes", 10_000_000, 0, 1_000_000_000),
        Seed = Number("seed", 1, int.MinValue, int.MaxValue),
        StrictProviderToken = !Value("tolerant-tokens", false, bool.TryParse, "true or false"),
    };

    private delegate bool Reader<T>(string text, out T value);

    private T Value<T>(string name, T otherwise, Reader<T> reader, string expected)
    {
        if (!given.TryGetValue(name, out var values))
        {
            return otherwise;
        }
        if (values is [.., var last] && reader(last, out var value))
        {
            return value;
        }
        faults.Add($"--{name} must be {expected}.");
        return otherwise;
    }

    private int Number(string name, int otherwise, int least, int most) =>
        Value(
            name,
            otherwise,
            (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
            $"a whole number from {least} to {most}");

    private double Share(string name) => Value(name, 0.0, TryReadShare, "a number from 0 to 1");

    private string Identifier(string name, string otherwise) => Value(name, otherwise, TryReadIdentifier, "10 letters or digits");

    private static bool TryReadAddress(string text, out IPAddress address)
    {
        var good = IPAddress.TryParse(text, out var parsed);
        address = parsed ?? IPAddress.Loopback;
        return good;
    }

    private static bool TryReadShare(string text, out double share) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out share) && share is >= 0 and <= 1;

    private static bool TryReadIdentifier(string text, out string identifier)
    {
        identifier = text;
        return text.Length == 10 && text.All(char.IsAsciiLetterOrDigit);
    }

    private static bool TryReadEnvironment(string text, out SimulatedEnvironment environment) =>
        Enum.TryParse(text, ignoreCase: true, out environment) && Enum.IsDefined(environment) && char.IsAsciiLetter(text[0]);

    private static bool TryReadLatency(string text, out AnswerLatency latency)
    {
        latency = AnswerLatency.None;
        var bounds = text.Split('-');
        if (bounds.Length > 2 || !TryReadMilliseconds(bounds[0], out var least) || !TryReadMilliseconds(bounds[^1], out var most) || most < least)
        {
            return false;
        }
        latency = new AnswerLatency(least, most);
        return true;
    }

    private static bool TryReadMilliseconds(string text, out TimeSpan time)
    {
        var good = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= 3_600_000;
        time = good ? TimeSpan.FromMilliseconds(milliseconds) : default;
        return good;
    }
}
