using Microsoft.AspNetCore.Http;
using PushFanout.Contracts;

namespace PushFanout.Worker.Http;

/// <summary>Answers to bodies that are not what they should be: the faults that a message would be rejected with.</summary>
internal static class FaultAnswer
{
    /// <summary>400 for what is no JSON, 422 with all faults otherwise.</summary>
    public static IResult Of<T>(ContractReading<T> read) where T : class => read.Unreadable is { } unreadable
        ? Results.Problem(statusCode: StatusCodes.Status400BadRequest, detail: $"The body is {unreadable}.")
        : Of(read.Faults);

    public static IResult Of(IReadOnlyList<ContractFault> faults) => Results.Problem(
        statusCode: StatusCodes.Status422UnprocessableEntity, detail: "The request has faults.", extensions: new Dictionary<string, object?> { ["faults"] = faults });
}
