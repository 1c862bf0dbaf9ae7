using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.TokenCache;
using PushFanout.TokenCache.InMemory;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Control;
using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Explain;
using PushFanout.Worker.Feedback;
using PushFanout.Worker.Hosting.Reload;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Messaging.RabbitMq;
using PushFanout.Worker.Parked;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Hosting;

/// <summary>The pipeline, one method per stop of a push's way.</summary>
internal static class PipelineServices
{
    public static IServiceCollection AddApps(this IServiceCollection services, PushFanoutOptions options)
    {
        services.AddSingleton(provider => CredentialSet.Load(options.Credentials, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ServedApps(
            options, provider.GetRequiredService<CredentialSet>(), options.Apns.TrustedCaFile is { } file ? TrustedRoots.Load(file) : null,
            provider.GetRequiredService<ApnsMetrics>(), provider.GetRequiredService<ApnsConnectionLog>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ApnsConnectionLog>();
        services.AddSingleton(provider => provider.GetRequiredService<ServedApps>().Catalog);
        services.AddSingleton<CredentialRenewal>();
        services.AddSingleton<AppFolder>();
        services.AddHosted<ConfigurationWatch>();
        return services;
    }

    public static IServiceCollection AddStore(this IServiceCollection services, PushFanoutOptions options)
    {
        if (options.Redis is not { } redis)
        {
            services.TryAddSingleton<ITokenCache>(provider => new InMemoryTokenCache(provider.GetRequiredService<TimeProvider>()));
            services.TryAddSingleton<INotificationLedger>(provider => new InMemoryLedger(provider.GetRequiredService<TimeProvider>()));
            services.TryAddSingleton<IRateLeases, LocalRateLeases>();
            services.TryAddSingleton<IBrakeBooks, InMemoryBrakeBooks>();
            services.AddSingleton(provider => new StorePreparation(null, provider.GetRequiredService<ITokenCache>(), provider.GetRequiredService<AppCatalog>()));
            return services;
        }
        services.AddSingleton(_ => new RedisConnection(new RedisConnectionOptions
        {
            Endpoints = redis.Endpoints,
            Password = Secret(redis.PasswordFile),
            Tls = redis.Tls,
            KeyPrefix = redis.KeyPrefix,
            Timeout = redis.Timeout,
        }));
        services.TryAddSingleton<ITokenCache>(provider => new RedisTokenCache(provider.GetRequiredService<RedisConnection>()));
        services.TryAddSingleton<INotificationLedger>(provider => new RedisLedger(
            provider.GetRequiredService<RedisConnection>(), redis.KeyPrefix, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WorkerPresence>();
        services.TryAddSingleton<IRateLeases, RedisRateLeases>();
        services.TryAddSingleton<IBrakeBooks, RedisBrakeBooks>();
        services.AddSingleton<StorePreparation>();
        return services;
    }

    public static IServiceCollection AddMessaging(this IServiceCollection services, PushFanoutOptions options)
    {
        var broker = options.Transport == Transport.RabbitMq
            ? new BrokerConnection(options.RabbitMq.Uri, Secret(options.RabbitMq.PasswordFile), options.RabbitMq.Hosts)
            : null;
        services.AddSingleton<IBrokerAddresses>(broker is null ? new InMemoryAddresses() : new RabbitMqAddresses());
        services.AddSingleton(provider => new BrokerPreparation(broker, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(_ => new ParkedMessages(broker));
        services.AddSingleton(provider => BuildBus(provider, options, broker));
        services.AddSingleton(provider => new ConsumerWatch(
            broker, provider.GetRequiredService<IBusControl>(), provider.GetRequiredService<FanoutMetrics>(), provider.GetRequiredService<QueueGauges>(), provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ConsumerWatch>>()));
        services.AddSingleton(provider => new MessageSender(
            new Lazy<IBus>(() => provider.GetRequiredService<IBusControl>()), provider.GetRequiredService<IBrokerAddresses>(), options.RabbitMq.PublishTimeout,
            provider.GetRequiredService<FanoutMetrics>(), provider.GetRequiredService<UnconfirmedPublishes>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    public static IServiceCollection AddIntake(this IServiceCollection services) => services
        .AddSingleton<AudiencePlanner>()
        .AddSingleton<RequestRefusal>()
        .AddSingleton<WorkHandout>()
        .AddSingleton<NotificationIntake>()
        .AddSingleton<DeviceRegistryConsumer>();

    public static IServiceCollection AddControl(this IServiceCollection services) => services
        .AddHosted<RangeRelease>()
        .AddSingleton<NotificationEnd>()
        .AddSingleton<NotificationSteering>()
        .AddSingleton<Explainer>()
        .AddSingleton<LedgerRecovery>()
        .AddSingleton<TickConsumer>()
        .AddSingleton<ControlConsumer>();

    public static IServiceCollection AddExpansion(this IServiceCollection services) => services.AddSingleton<RangeExpansion>();

    public static IServiceCollection AddDispatch(this IServiceCollection services, PushFanoutOptions options)
    {
        if (options.Redis is not null && options.Roles.HasFlag(Roles.Dispatch))
        {
            services.AddHostedService(provider => provider.GetRequiredService<WorkerPresence>());
        }
        return services
            .AddSingleton<PushRate>()
            .AddSingleton<AppPaces>()
            .AddSingleton<BatchSender>()
            .AddSingleton<LeftOver>()
            .AddHosted<OutcomeFlusher>()
            .AddSingleton<BatchDispatch>();
    }

    public static IServiceCollection AddBrakes(this IServiceCollection services, PushFanoutOptions options) => services
        .AddSingleton(BrakeRules.Of(options.Brake))
        .AddHosted<AppBrakes>()
        .AddSingleton<BrakeWatch>();

    public static IServiceCollection AddFeedback(this IServiceCollection services) => services
        .AddSingleton<DeadTokenFeed>()
        .AddSingleton<TokenQuarantine>()
        .AddSingleton<TokenFeedbackConsumer>();

    private static string? Secret(string? file) => file is null ? null : SecretText.Read(file).Reveal();

    private static IServiceCollection AddHosted<T>(this IServiceCollection services) where T : class, IHostedService => services
        .AddSingleton<T>()
        .AddHostedService(provider => provider.GetRequiredService<T>());

    private static IBusControl BuildBus(IServiceProvider services, PushFanoutOptions options, BrokerConnection? broker)
    {
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var endpoints = StageEndpoints.Of(options, services);
        return broker is null ? WorkerBus.InMemory(endpoints, Filters, loggers) : WorkerBus.OnRabbitMq(broker, endpoints, Filters, loggers);

        // Filters that the host registered see each delivery before and after its stage.
        IEnumerable<IFilter<ReceiveContext>> Filters(StageEndpoint endpoint) => services.GetServices<IFilter<ReceiveContext>>().Append(StageOf(endpoint));

        StageFilter StageOf(StageEndpoint endpoint) => new(
            endpoint, services.GetRequiredService<MessageSender>(), services.GetRequiredService<FanoutMetrics>(),
            services.GetRequiredService<TimeProvider>(), loggers.CreateLogger<StageFilter>(), services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    }
}
