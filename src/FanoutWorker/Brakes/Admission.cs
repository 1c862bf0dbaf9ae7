namespace PushFanout.Worker.Brakes;

/// <summary>Why pushes of an app may not start now.</summary>
internal enum AdmissionRefusal : byte
{
    None,
    /// <summary>The brake is open: an operator has to decide.</summary>
    Braked,
    /// <summary>The credential was refused, and its rest is not over.</summary>
    CredentialRests,
    /// <summary>On probation, and as many pushes as it may have are outstanding.</summary>
    Probation,
    /// <summary>Redis does not answer, so nobody knows.</summary>
    Unknown,
}

/// <param name="Pushes">How many may start.</param>
/// <param name="Refusal">Why none may.</param>
internal readonly record struct Admission(int Pushes, AdmissionRefusal Refusal);
