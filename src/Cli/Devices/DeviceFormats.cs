using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>How a line says what a device is.</summary>
internal interface IDeviceFormat
{
    /// <summary>Whether the first line names the fields and is no device itself.</summary>
    bool FirstLineIsHeader { get; }

    /// <returns>The device; null together with what is wrong with the line.</returns>
    (DeviceRegistered? Device, string Fault) Read(string line);
}

/// <summary>The formats by name.</summary>
internal static class DeviceFormats
{
    public const string Auto = "auto";
    public const string Tokens = "tokens";
    public const string JsonLines = "jsonl";
    public const string Csv = "csv";

    /// <summary>Those that a file can be written in.</summary>
    public static string[] Names => [Tokens, JsonLines, Csv];

    /// <exception cref="InvalidDataException">It should be CSV, but its first line names no token.</exception>
    public static IDeviceFormat Make(string name, string firstLine, string app, TimeProvider clock) => (name == Auto ? Guess(firstLine) : name) switch
    {
        Tokens => new TokenLines(app, clock),
        JsonLines => new JsonLines(app, clock),
        _ => new CsvLines(firstLine, app, clock),
    };

    /// <summary>The device, checked as a worker would.</summary>
    public static (DeviceRegistered? Device, string Fault) Check(DeviceRegistered device) =>
        DeviceRegisteredValidator.Validate(device) is [var fault, ..] ? (null, Describe(fault)) : (device, "");

    public static string Describe(ContractFault fault) => $"{fault.Field}: {fault.Text}";

    private static string Guess(string firstLine) =>
        firstLine.TrimStart().StartsWith('{') ? JsonLines
        : DeviceTokenText.IsWellFormed(firstLine.Trim()) ? Tokens
        : Csv;
}
