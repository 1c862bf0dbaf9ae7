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

/// <summary>Why a connection cannot go on: what the server is told, and what the operator reads. Never anything that the server wrote.</summary>
internal sealed record ConnectionFault(ErrorCode Code, string Why);
