using System.Text.Json;

namespace PushFanout.Contracts;

/// <summary>What kind of JSON a payload is, as far as every push type asks.</summary>
internal enum PayloadForm
{
    Good,
    NotAnObject,
    ApsMissing,
    ApsTwice,
    ApsNotAnObject,
}

internal static class PayloadForms
{
    public static PayloadForm Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = PushPayload.MaxDepth });
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
            return PayloadForm.NotAnObject;
        var form = PayloadForm.ApsMissing;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isAps = reader.ValueTextEquals("aps"u8);
            reader.Read();
            if (isAps && form is not PayloadForm.ApsMissing)
                return PayloadForm.ApsTwice;
            if (isAps)
                form = reader.TokenType is JsonTokenType.StartObject ? PayloadForm.Good : PayloadForm.ApsNotAnObject;
            reader.Skip();
        }
        return form;
    }
}
