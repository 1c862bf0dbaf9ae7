using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

internal enum CredentialKind
{
    /// <summary>An auth key; signs tokens for every app of a team.</summary>
    P8,
    /// <summary>A client certificate with its private key; for one app.</summary>
    P12,
}

/// <summary>A key or certificate that APNs knows us by.</summary>
internal sealed class CredentialOptions
{
    [Setting("An auth key of a team (`p8`), or the certificate of one app (`p12`).")]
    [Required]
    public CredentialKind? Kind { get; init; }

    [Setting("Required for `p8`.", Allowed = "ten letters or digits")]
    [RegularExpression("^[A-Za-z0-9]{10}$")]
    public string? TeamId { get; init; }

    [Setting("Required for `p8`, unless `KeyIdFile` is given.", Allowed = "ten letters or digits")]
    [RegularExpression("^[A-Za-z0-9]{10}$")]
    public string? KeyId { get; init; }

    [Setting("In place of `KeyId`: a file with the id, so that key and id can be replaced together while the worker runs.")]
    public string? KeyIdFile { get; init; }

    [Setting("Required for `p8`: the `.p8` file. Watched: another key is used from then on, once it has signed; the old one ends with what was begun with it.")]
    public string? KeyFile { get; init; }

    [Setting("Required for `p12`: the `.p12` file. Watched as well.")]
    public string? CertificateFile { get; init; }

    [Setting("A file with the password of the `.p12`.")]
    public string? PasswordFile { get; init; }
}
