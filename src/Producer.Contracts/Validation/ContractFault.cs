namespace PushFanout.Contracts;

/// <summary>One thing that is wrong with a message.</summary>
/// <param name="Field">Where, for example <c>audience.anyOf[3]</c>; <c>$</c> is the message as a whole.</param>
/// <param name="Code">One of <see cref="FaultCodes"/>; programs decide by it.</param>
/// <param name="Text">For people. Never a token or a payload, and at most 64 printable characters of any other value.</param>
public sealed record ContractFault(string Field, string Code, string Text);
