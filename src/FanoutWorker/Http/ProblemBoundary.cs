using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PushFanout.Worker.Http;

/// <summary>
/// Outermost: whatever leaves without a word (no such address, another method, a body that is too large, a failure) gets one. The text of an
/// exception may hold what must not be logged: type and place are logged instead.
/// </summary>
internal static partial class ProblemBoundary
{
    public static void UseProblems(this IApplicationBuilder application)
    {
        var logger = application.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProblemBoundary));
        application.Use((context, next) => GuardAsync(context, next, logger));
        application.UseStatusCodePages(context => HttpProblem.Of(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
    }

    private static async Task GuardAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException refused) when (!context.Response.HasStarted)
        {
            await HttpProblem.Of(refused.StatusCode).ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            Failed(logger, context.Request.Method, failure.GetType().Name, failure.StackTrace);
            await HttpProblem.Of(StatusCodes.Status500InternalServerError).ExecuteAsync(context);
        }
    }

    [LoggerMessage(7001, LogLevel.Error, "A request ({Method}) failed with {ExceptionType}\n{StackTrace}")]
    private static partial void Failed(ILogger logger, string method, string exceptionType, string? stackTrace);
}
