using Microsoft.Extensions.Configuration;

namespace PushFanout.Worker.Hosting;

/// <summary>Reads the section <c>PushFanout</c>: files, environment variables (<c>PushFanout__Redis__Endpoints</c>), command line, whatever is in the configuration.</summary>
internal static class PushFanoutOptionsReader
{
    /// <summary>Reads and checks every setting and every file that one names; never throws for what is in them.</summary>
    /// <param name="clock">What decides whether a certificate has expired.</param>
    public static OptionsResult Read(IConfiguration configuration, TimeProvider? clock = null)
    {
        var faults = new SettingFaults();
        var options = new SettingsBinder(faults).Bind<PushFanoutOptions>(configuration.GetSection(PushFanoutOptions.SectionName));

        ConnectionRules.Check(options, faults);
        CredentialRules.Check(options, faults, clock);
        AppRules.Check(options, faults);
        SendRules.Check(options, faults);
        HttpRules.Check(options, faults);

        return faults.All.Count == 0 ? new OptionsResult(options) : new OptionsResult(faults.All);
    }
}
