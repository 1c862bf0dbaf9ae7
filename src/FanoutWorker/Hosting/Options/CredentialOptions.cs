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
    /// <summary><c>p8</c> or <c>p12</c>. Required.</summary>
    [Required]
    public CredentialKind? Kind { get; init; }

    /// <summary>p8 only, required there: ten letters or digits.</summary>
    [RegularExpression("^[A-Za-z0-9]{10}$")]
    public string? TeamId { get; init; }

    /// <summary>p8 only, required there: ten letters or digits.</summary>
    [RegularExpression("^[A-Za-z0-9]{10}$")]
    public string? KeyId { get; init; }

    /// <summary>p8 only, required there: the <c>.p8</c> file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>p12 only, required there: the <c>.p12</c> file.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>p12 only: a file that holds the certificate's password and nothing else. Default none.</summary>
    public string? PasswordFile { get; init; }
}
