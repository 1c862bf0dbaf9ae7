using System.Buffers.Binary;

namespace PushFanout.Apns.Transport.Http2.Frames;

/// <summary>RFC 9113, section 6.5.2.</summary>
internal enum SettingId : ushort
{
    HeaderTableSize = 1,
    EnablePush = 2,
    MaxConcurrentStreams = 3,
    InitialWindowSize = 4,
    MaxFrameSize = 5,
    MaxHeaderListSize = 6,
}

internal readonly record struct Setting(SettingId Id, uint Value);

/// <summary>
/// What the server has said about itself, or what RFC 9113 lets us assume until it has. Its larger frames and its limit of header
/// lists are not kept: a push comes near neither 16,384 bytes nor any limit that could serve APNs.
/// </summary>
internal sealed class Settings
{
    public const int DefaultHeaderTableSize = 4096;
    public const int DefaultWindow = 65_535;

    public int HeaderTableSize { get; private set; } = DefaultHeaderTableSize;

    /// <summary>Streams that we may have open; no limit until one is named.</summary>
    public int MaxConcurrentStreams { get; private set; } = int.MaxValue;

    public int InitialWindowSize { get; private set; } = DefaultWindow;

    /// <summary>Takes a SETTINGS frame over, later values over earlier ones; unknown settings are ignored.</summary>
    /// <param name="smallestTable">The smallest HEADER_TABLE_SIZE that it named; null when it named none.</param>
    public ConnectionFault? Apply(ReadOnlySpan<byte> payload, out int? smallestTable)
    {
        smallestTable = null;
        for (; payload.Length >= 6; payload = payload[6..])
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
            var clamped = (int)Math.Min(value, int.MaxValue);
            switch ((SettingId)BinaryPrimitives.ReadUInt16BigEndian(payload))
            {
                case SettingId.HeaderTableSize:
                    HeaderTableSize = clamped;
                    smallestTable = Math.Min(smallestTable ?? clamped, clamped);
                    break;
                case SettingId.EnablePush when value != 0: // only a client may allow pushes
                    return new ConnectionFault(ErrorCode.ProtocolError, "SETTINGS with an ENABLE_PUSH that no server may send");
                case SettingId.MaxConcurrentStreams:
                    MaxConcurrentStreams = clamped;
                    break;
                case SettingId.InitialWindowSize when value > int.MaxValue:
                    return new ConnectionFault(ErrorCode.FlowControlError, "SETTINGS with a window above 2^31-1");
                case SettingId.InitialWindowSize:
                    InitialWindowSize = clamped;
                    break;
                case SettingId.MaxFrameSize when value is < FrameHeader.MaxLength or > 16_777_215:
                    return new ConnectionFault(ErrorCode.ProtocolError, "SETTINGS with an impossible MAX_FRAME_SIZE");
                default:
                    break;
            }
        }
        return null;
    }
}
