using System.Security.Cryptography.X509Certificates;

namespace PushFanout.ApnsSimulator;

/// <summary>A client certificate that may push without a provider token.</summary>
/// <param name="Certificate">The certificate itself; the private half is not needed.</param>
/// <param name="Topics">The topics it may push to, with their suffixes. With a single one <c>apns-topic</c> may be left out.</param>
public sealed record SimulatorClientCertificate(X509Certificate2 Certificate, IReadOnlyList<string> Topics);
