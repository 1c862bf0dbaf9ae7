using Microsoft.AspNetCore.Http;
using PushFanout.Contracts;

namespace PushFanout.Worker.Http;

/// <summary>Answers to bodies that are not what they should be: the faults that a message would be rejected with.</summary>
internal static class FaultAnswer
{
    /// <summary>400 for what is no JSON, 422 with all faults otherwise.</summary>
    public static IResult Of<T>(ContractReading<T> read) where T : class => read.Unreadable is { } unreadable
        ? HttpProblem.Of(StatusCodes.Status400BadRequest, $"The body is {unreadable}.", ProblemCodes.NotJson)
        : Of(read.Faults);

    public static IResult Of(IReadOnlyList<ContractFault> faults) => HttpProblem.Of(
        StatusCodes.Status422UnprocessableEntity, "The request has faults.", more: KeyValuePair.Create("faults", (object?)faults));

    public static IResult Of(string field, string code, string text) => Of([new ContractFault(field, code, text)]);
}
