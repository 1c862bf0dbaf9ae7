using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PushFanout.ApnsSimulator.Tests;

/// <summary>Signs provider tokens, right ones and wrong ones.</summary>
internal sealed class Signer(ECDsa key, string teamId, string keyId)
{
    public string TeamId => teamId;
    public string KeyId => keyId;

    public static Signer Demo(SimulatorHost simulator)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(simulator.DemoKeyFile!));
        return new Signer(key, simulator.Options.DemoTeamId, simulator.Options.DemoKeyId);
    }

    public static Signer New(string teamId, string keyId) => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), teamId, keyId);

    public SimulatorKey Public => SimulatorKey.From(key, teamId, keyId);

    public string Sign(DateTimeOffset issuedAt) => Sign(Header, Claims(issuedAt.ToUnixTimeSeconds()));

    public string Sign() => Sign(TimeProvider.System.GetUtcNow());

    public string Header => $$"""{"alg":"ES256","kid":"{{keyId}}"}""";

    public string Claims(long issuedAt) => $$"""{"iss":"{{teamId}}","iat":{{issuedAt}}}""";

    public string Sign(
        string header, string claims, DSASignatureFormat format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation, Func<byte[], string>? encode = null)
    {
        encode ??= bytes => Base64Url.EncodeToString(bytes);
        var signed = $"{encode(Encoding.UTF8.GetBytes(header))}.{encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{encode(key.SignData(Encoding.UTF8.GetBytes(signed), HashAlgorithmName.SHA256, format))}";
    }
}
