using System.Diagnostics.CodeAnalysis;

namespace PushFanout.Apns;

/// <summary>Why a credential cannot be used, in words for an operator; never with content of the file.</summary>
/// <param name="Path">The file that was to be loaded.</param>
/// <param name="Reason">What is wrong with it, or with an id that belongs to it.</param>
public sealed record CredentialFault(string Path, string Reason)
{
    /// <summary>Path and reason in one line.</summary>
    public override string ToString() => $"{Path}: {Reason}";
}

/// <summary>A credential that can be used, or every fault that was found.</summary>
public sealed class ApnsCredentialResult
{
    internal ApnsCredentialResult(ApnsCredential credential) => Credential = credential;

    internal ApnsCredentialResult(IReadOnlyList<CredentialFault> faults) => Faults = faults;

    /// <summary>The credential; null when there are <see cref="Faults"/>.</summary>
    public ApnsCredential? Credential { get; }

    /// <summary>Everything that is wrong, at once; empty when there is a <see cref="Credential"/>.</summary>
    public IReadOnlyList<CredentialFault> Faults { get; } = [];

    /// <summary>Whether <see cref="Credential"/> can be used.</summary>
    [MemberNotNullWhen(true, nameof(Credential))]
    public bool IsUsable => Credential is not null;
}
