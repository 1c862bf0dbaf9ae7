using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;

namespace PushFanout.Chaos.Worker;

/// <summary>
/// The worker as <c>pushfanout worker</c> runs it, with places to die put around its seams. Settings come from the environment.
/// </summary>
internal static class ChaosWorker
{
    public static async Task<int> RunAsync()
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var read = PushFanoutOptionsReader.Read(configuration);
        if (!read.IsValid)
        {
            Console.Error.WriteLine(string.Join('\n', read.Faults));
            return ExitCodes.Configuration;
        }
        var order = KillOrder.Read(Environment.GetEnvironmentVariable(KillOrder.Variable));
        KillPoint? kill = null;
        using var unsettled = new UnsettledPushes(() => kill?.Reach(KillStage.MidWindow));
        kill = new KillPoint(order, unsettled);
        var messages = new KillPointMessages(kill);
        var host = WorkerHost.Build(
            read.Options!, configuration, builder => Shape(builder.Services, read.Options!, kill, messages, BrokenGuards.Read(Environment.GetEnvironmentVariable(BrokenGuards.Variable))));
        host.Services.GetRequiredService<IBusControl>().ConnectSendObserver(messages);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => kill.Started(TimeProvider.System));
        await host.RunAsync();
        return Environment.ExitCode;
    }

    private static void Shape(IServiceCollection services, PushFanoutOptions options, KillPoint kill, KillPointMessages messages, BrokenGuard broken)
    {
        services.AddSingleton<IFilter<ReceiveContext>>(messages);
        if (broken == BrokenGuard.AckBeforeSend)
        {
            services.AddSingleton<IFilter<ReceiveContext>, AckBeforeSend>();
        }
        if (broken == BrokenGuard.DeleteOn400)
        {
            services.AddSingleton(provider => new Deleter(LedgerOf(provider, options), provider.GetRequiredService<ITokenCache>, TimeProvider.System));
            services.AddSingleton<IFilter<ReceiveContext>>(provider => provider.GetRequiredService<Deleter>());
        }
        services.AddSingleton<INotificationLedger>(provider => new KillPointLedger(
            broken switch
            {
                BrokenGuard.DeleteOn400 => provider.GetRequiredService<Deleter>(),
                BrokenGuard.NoLedger => new ForgetfulLedger(LedgerOf(provider, options)),
                _ => LedgerOf(provider, options),
            },
            kill));
    }

    private static RedisLedger LedgerOf(IServiceProvider provider, PushFanoutOptions options) =>
        new(provider.GetRequiredService<RedisConnection>(), options.Redis!.KeyPrefix, provider.GetRequiredService<TimeProvider>());
}
