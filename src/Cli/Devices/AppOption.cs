using System.CommandLine;
using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>Which app a command is about.</summary>
internal static class AppOption
{
    public static Option<string> Create()
    {
        var app = new Option<string>("--app") { Description = "The app, as the workers are configured.", HelpName = "NAME", Required = true };
        app.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ContractNames.IsApp(token.Value))
            {
                result.AddError("--app must be 1–64 lower-case letters, digits, '_' and '-'.");
            }
        });
        return app;
    }
}
