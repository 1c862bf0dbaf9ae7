using System.Collections.Concurrent;

namespace PushFanout.Worker.Brakes;

/// <summary>The books of a process that is alone: the in-memory transport has no second worker.</summary>
internal sealed class InMemoryBrakeBooks(BrakeRules rules, TimeProvider clock) : IBrakeBooks
{
    private readonly ConcurrentDictionary<string, AppBooks> _apps = new();

    public Task<AppCondition> ReportAsync(string app, string approach, AppReport report, CancellationToken cancellationToken) =>
        Task.FromResult(Of(app, books => books.Report(approach, report, clock.GetUtcNow())));

    public Task<BrakeStatus> ReadAsync(string app, CancellationToken cancellationToken) => Task.FromResult(Of(app, books => books.Status()));

    public Task<BrakeStatus> DecideAsync(string app, BrakeDecision decision, DateTimeOffset? saidAt, CancellationToken cancellationToken) =>
        Task.FromResult(Of(app, books => books.Decide(decision, saidAt, clock.GetUtcNow())));

    public Task<bool> TakeRemovalsAsync(string app, int tokens, CancellationToken cancellationToken) =>
        Task.FromResult(Of(app, books => books.TakeRemovals(tokens, clock.GetUtcNow())));

    public Task CountQuarantinedAsync(string app, string reason, int tokens, CancellationToken cancellationToken)
    {
        Of(app, books =>
        {
            books.CountQuarantined(reason, tokens);
            return tokens;
        });
        return Task.CompletedTask;
    }

    private T Of<T>(string app, Func<AppBooks, T> ask)
    {
        var books = _apps.GetOrAdd(app, _ => new AppBooks(rules));
        lock (books)
        {
            return ask(books);
        }
    }
}
