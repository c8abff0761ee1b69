using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Recorder.Cluster.Audit;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Idempotency;
using Recorder.Cluster.Links;
using Recorder.Cluster.Network;
using Recorder.Cluster.Pictures;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Webhooks;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Audit;
using Recorder.Http.Edge;
using Recorder.Http.Endpoints;
using Recorder.Http.Feed;
using Recorder.Http.Library;
using Recorder.Http.Live;
using Recorder.Http.OpenApi;
using Recorder.Http.Profiles;
using Recorder.Http.Requests;
using Recorder.Http.Settings;
using Recorder.Http.Telemetry;
using Recorder.Http.Tls;
using Recorder.Worker.Network;

namespace Recorder.Http;

/// <summary>Adds the HTTP edge to a node: services, then middleware and endpoints.</summary>
public static class RecorderHttp
{
    /// <summary>Adds the edge's services with options from code.</summary>
    /// <param name="services">The node's services.</param>
    /// <param name="configure">Sets options; null: the defaults.</param>
    /// <exception cref="OptionsValidationException">The options make no sense, or would make the node reachable from
    /// other machines without keys.</exception>
    public static IServiceCollection AddRecorderHttp(
        this IServiceCollection services,
        Action<HttpOptions>? configure = null
    )
    {
        var options = new HttpOptions();
        configure?.Invoke(options);
        return services.AddRecorderHttp(options);
    }

    /// <summary>Adds the edge's services. The node's services have a <see cref="FarmDatabase"/>, which keeps the ended
    /// sessions, or an <see cref="ISessionArchive"/>.</summary>
    /// <param name="services">The node's services.</param>
    /// <param name="options">The options, which must no longer change.</param>
    /// <param name="telemetry">The destination of metrics; null: the defaults.</param>
    /// <param name="local">The node's own key; null: there is none.</param>
    /// <param name="profiles">The profiles of the farm; null: only the shipped profiles.</param>
    /// <exception cref="OptionsValidationException">The options make no sense, or would make the node reachable from
    /// other machines without keys.</exception>
    public static IServiceCollection AddRecorderHttp(
        this IServiceCollection services,
        HttpOptions options,
        TelemetryOptions? telemetry = null,
        LocalKey? local = null,
        ProfileOptions? profiles = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        if (HttpOptionsCheck.Problems(options) is { Count: > 0 } problems)
        {
            throw new OptionsValidationException(HttpOptions.Section, typeof(HttpOptions), problems);
        }
        services.AddSingleton(Options.Create(options));
        services.AddSingleton(all => new KeyWatch(
            options,
            local,
            all.GetRequiredService<TimeProvider>(),
            all.GetRequiredService<ILogger<KeyWatch>>(),
            read => all.GetService<ActorSystem>()?.EventStream.Publish(read)
        ));
        services.AddHostedService(all => all.GetRequiredService<KeyWatch>());
        services.AddSingleton(all => new ProfileWatch(
            profiles ?? new ProfileOptions(),
            ProfileRequest.ProblemOf,
            all.GetRequiredService<TimeProvider>(),
            all.GetRequiredService<ILogger<ProfileWatch>>()
        ));
        services.AddHostedService(all => all.GetRequiredService<ProfileWatch>());
        services.AddSingleton(_ => new CallLimits(options));
        services.AddSingleton<ReadyProbe>();
        services.AddSingleton(_ => AllowedOrigins.Read(options.AllowedOrigins, []));
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<AllowedOrigins>((cors, origins) => origins.Configure(cors));
        services.AddHttpContextAccessor();
        services.AddSingleton<EdgeClient>();
        services.AddSingleton<SessionLists>();
        services.TryAddSingleton<ISessionArchive>(all => new SessionArchive(all.GetRequiredService<FarmDatabase>()));
        services.TryAddSingleton<IEventFeed>(all => new EventFeed(all.GetRequiredService<FarmDatabase>()));
        services.TryAddSingleton<IWebhookBook>(all => new WebhookBook(all.GetRequiredService<FarmDatabase>()));
        services.TryAddSingleton<IKeptAnswers>(all => new KeptAnswers(all.GetRequiredService<FarmDatabase>()));
        services.TryAddSingleton(NetworkPolicy.PublicOnly);
        services.TryAddSingleton<IHostResolver>(SystemResolver.Instance);
        services.TryAddSingleton<AddressGate>();
        services.AddSingleton<AddressDesk>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IAuditBook>(all => new AuditBook(
            all.GetRequiredService<FarmDatabase>(),
            new RetentionOptions().Audit
        ));
        services.AddSingleton<AuditTrail>();
        services.AddHostedService(all => all.GetRequiredService<AuditTrail>());
        services.TryAddSingleton(RetentionPolicy.Keep);
        services.AddSingleton<WebhookDesk>();
        services.TryAddSingleton(all => new RecordLinkBook(all.GetRequiredService<FarmDatabase>()));
        services.TryAddSingleton(all => new JoinPictureBook(all.GetRequiredService<FarmDatabase>()));
        services.AddSingleton<LinkDesk>();
        services.TryAddSingleton(all => new ScheduleBook(all.GetRequiredService<FarmDatabase>()));
        services.AddSingleton<ScheduleDesk>();
        services.AddSingleton<JoinedFiles>();
        services.AddSingleton<SessionMedia>();
        services.AddSingleton<EventTail>();
        services.AddSingleton<FeedReaders>();
        services.AddSingleton<HlsPlaylists>();
        services.AddHostedService<BoundAddressCheck>();
        services.AddSingleton(all => new CertificateWatch(
            options,
            all.GetRequiredService<TimeProvider>(),
            all.GetRequiredService<ILogger<CertificateWatch>>()
        ));
        services.AddHostedService(all => all.GetRequiredService<CertificateWatch>());
        services
            .AddOptions<KestrelServerOptions>()
            .Configure<CertificateWatch>(
                (kestrel, certificates) =>
                    kestrel.ConfigureHttpsDefaults(https =>
                    {
                        // The server asks for a selector, which does not send the certificates between this and its
                        // authority.
                        https.ServerCertificateSelector = (_, _) => certificates.Current.TargetCertificate;
                        https.OnAuthenticate = (_, tls) =>
                        {
                            tls.ServerCertificateSelectionCallback = null;
                            tls.ServerCertificateContext = certificates.Current;
                        };
                    })
            );
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.MaximumConnections;
            // No call of this server changes the protocol of its connection.
            kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        });
        services.ConfigureHttpJsonOptions(json => AnswerJson.Configure(json.SerializerOptions));
        services.AddApiDescription();
        services.AddTelemetry(telemetry ?? new TelemetryOptions());
        return services;
    }

    /// <summary>
    /// Adds the edge's middleware and endpoints, and makes the node listen on <see cref="HttpOptions.Listen"/>. Call
    /// this once, before other endpoints are mapped. Endpoints that others map afterwards have the same access rules,
    /// and need <see cref="ApiScope.Admin"/> unless they are marked otherwise.
    /// </summary>
    /// <param name="app">The node's application.</param>
    /// <param name="forTheFarm">Whether the node answers calls about sessions. A node without the role edge does not;
    /// such a node tells only about itself and its farm.</param>
    public static WebApplication MapRecorderHttp(this WebApplication app, bool forTheFarm = true)
    {
        ArgumentNullException.ThrowIfNull(app);
        var options = app.Services.GetRequiredService<IOptions<HttpOptions>>().Value;
        var restricted = string.Join(", ", app.Services.GetRequiredService<KeyWatch>().Current.Restricted);
        if (!options.Shared && restricted.Length > 0)
        {
            app.Logger.LogWarning(
                "These API keys see only the sessions of their owner: {Keys}. Give keys that share their sessions the same "
                    + "Owner, or set Http:Shared=true where every key may see every session",
                restricted
            );
        }
        app.Urls.Clear();
        foreach (var address in BindingRule.AddressesOf(options.Listen))
        {
            app.Urls.Add(address);
        }

        ForwardedCall.Use(app, ProxyList.Read(options.Proxies, []));
        app.UseMiddleware<RequestLog>();
        app.UseMiddleware<AuditedCalls>();
        app.UseMiddleware<StopLimit>();
        app.UseMiddleware<UnexpectedErrors>();
        app.UseStatusCodePages(RouteErrors.AnswerAsync);

        // CORS comes before the access rules, because a browser asks without a key whether a page may call.
        app.UseCors();
        app.UseMiddleware<PageGuard>();
        app.UseMiddleware<AccessMiddleware>();

        var calls = app.MapGroup("").AddEndpointFilter<RefusedCalls>();
        if (forTheFarm)
        {
            SessionCalls.Map(calls);
            SessionQueries.Map(calls);
            LiveCalls.Map(calls);
            MarkCalls.Map(calls);
            PictureCalls.Map(calls);
            LibraryCalls.Map(calls);
            KeepingCalls.Map(calls);
            DeliveryCalls.Map(calls);
            LinkEndpoints.Map(calls);
            ScheduleEndpoints.Map(calls);
            ProfileCalls.Map(calls);
            EventCalls.Map(calls);
            WebhookEndpoints.Map(calls);
            AuditCalls.Map(calls);
        }
        else
        {
            app.MapFallback("/api/{**path}", RouteErrors.NotAnEdge)
                .Needs(ApiScope.Read)
                .WithMetadata(new ExcludeFromDescriptionAttribute());
        }

        HealthCalls.Map(calls);
        MetricsCalls.Map(calls);
        ClusterCalls.Map(calls);
        ApiDescription.Map(app);
        return app;
    }
}
