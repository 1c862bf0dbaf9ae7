using System.Buffers.Binary;
using System.Security.Cryptography;
using PushFanout.TokenCache;

namespace PushFanout.Cli.Demo;

/// <summary>Made-up device tokens of Apple's length, the same ones every time.</summary>
internal static class SampleTokens
{
    public static byte[] Of(int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return SHA256.HashData(bytes);
    }

    /// <summary>Devices with tokens that none of the others has.</summary>
    public static async IAsyncEnumerable<DeviceRegistration> OthersAsync(int count, DateTimeOffset at)
    {
        for (var i = 1; i <= count; i++)
        {
            yield return new DeviceRegistration(Of(-i), at);
        }
        await Task.CompletedTask; // an asynchronous stream by its signature only: nothing here waits
    }
}
