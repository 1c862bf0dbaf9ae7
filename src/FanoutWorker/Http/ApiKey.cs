using System.Security.Cryptography;
using System.Text;
using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Http;

/// <summary>The key that callers must show. Only its hash is kept, and comparing takes as long for every wrong key.</summary>
internal sealed class ApiKey(SecretText secret)
{
    private readonly byte[] _hash = HashOf(secret.Reveal());

    public bool Matches(string given) => CryptographicOperations.FixedTimeEquals(_hash, HashOf(given));

    private static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    public override string ToString() => "(secret)";
}
