using System.Text.Json.Serialization;

namespace PushFanout.Contracts;

/// <summary>Apple's push types (<c>apns-push-type</c>); what each allows is in <see cref="PushTypes"/>.</summary>
[JsonConverter(typeof(WordConverter<PushType>))]
public enum PushType
{
    /// <summary>Shows, sounds or badges. The default.</summary>
    Alert,
    /// <summary>Wakes the app, shows nothing; priority 5 only.</summary>
    Background,
    /// <summary>An incoming call (PushKit); payload up to 5120 bytes.</summary>
    Voip,
    /// <summary>Updates a watch complication.</summary>
    Complication,
    /// <summary>Tells a file provider extension of changes.</summary>
    FileProvider,
    /// <summary>Asks for the device's location.</summary>
    Location,
    /// <summary>Starts, updates or ends a Live Activity.</summary>
    LiveActivity,
    /// <summary>Push-to-talk.</summary>
    PushToTalk,
    /// <summary>Tells widgets to reload.</summary>
    Widgets,
    /// <summary>Tells controls to reload.</summary>
    Controls,
    /// <summary>Asks a managed device to contact its server; the topic is the certificate's.</summary>
    Mdm,
}
