namespace PushFanout.Apns.Transport.Http2.Frames;

/// <summary>RFC 9113, section 7: what RST_STREAM and GOAWAY give as a reason.</summary>
internal enum ErrorCode : uint
{
    NoError = 0,
    ProtocolError = 1,
    InternalError = 2,
    FlowControlError = 3,
    SettingsTimeout = 4,
    StreamClosed = 5,
    FrameSizeError = 6,
    RefusedStream = 7,
    Cancel = 8,
    CompressionError = 9,
    ConnectError = 10,
    EnhanceYourCalm = 11,
    InadequateSecurity = 12,
    Http11Required = 13,
}

internal static class ErrorCodes
{
    private static readonly string[] Words =
    [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL",
        "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ];

    /// <summary>The RFC's word; <c>OTHER</c> for what is not in it, so that a server cannot make up more.</summary>
    public static string Word(this ErrorCode code) => (uint)code < Words.Length ? Words[(uint)code] : "OTHER";
}

/// <summary>Why a connection cannot go on: what the server is told, and what the operator reads. Never anything that the server wrote.</summary>
internal sealed record ConnectionFault(ErrorCode Code, string Why);
