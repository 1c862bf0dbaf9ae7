namespace PushFanout.Contracts;

/// <summary>Rules for the app that a message is about.</summary>
internal static class AppRules
{
    /// <summary>Checks the name, and the app behind it if the context knows the apps.</summary>
    /// <returns>What is known of the app; null when it is not known or not right.</returns>
    public static AppFacts? Check(string? app, WorkerContext context, FaultList faults)
    {
        if (string.IsNullOrEmpty(app))
        {
            faults.AddIfFirst("app", FaultCodes.MissingField, "The field is required.");
            return null;
        }
        if (!ContractNames.IsApp(app))
        {
            faults.AddIfFirst("app", FaultCodes.InvalidValue, "An app's name is 1–64 lower-case letters, digits, '_' and '-'.");
            return null;
        }
        var facts = context.FindApp?.Invoke(app);
        if (facts is null && context.FindApp is not null)
            faults.AddIfFirst("app", FaultCodes.UnknownApp, $"No app \"{ShownText.Of(app)}\" is configured here.");
        return facts;
    }
}
