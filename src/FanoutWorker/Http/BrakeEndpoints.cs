using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PushFanout.Worker.Brakes;

namespace PushFanout.Worker.Http;

/// <summary>How the brake of an app stands, and what an operator says about it.</summary>
internal static class BrakeEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("brake", async (string app, IBrakeBooks books, CancellationToken cancellationToken) =>
            Results.Ok(BrakeView.Of(app, await books.ReadAsync(app, cancellationToken))));
        MapDecision("resume", BrakeDecision.Resume);
        MapDecision("release", BrakeDecision.Release);
        MapDecision("discard", BrakeDecision.Discard);

        void MapDecision(string word, BrakeDecision decision) => app.MapPost(
            "brake/" + word,
            async (string app, IBrakeBooks books, CancellationToken cancellationToken) =>
                Results.Ok(BrakeView.Of(app, await books.DecideAsync(app, decision, saidAt: null, cancellationToken))));
    }
}
