using System.Diagnostics.Metrics;
using Akka.Hosting;
using Recorder.Cluster.Audit;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Pictures;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Cluster.Webhooks;
using Recorder.Http;
using Recorder.Http.Settings;
using Recorder.Node.Capacity;
using Recorder.Node.Configuration;
using Recorder.Node.Delivery;
using Recorder.Node.Media;
using Recorder.Node.Webhooks;

namespace Recorder.Node.Hosting;

/// <summary>The composition root: one host with the media side, the actor system and the HTTP edge.</summary>
internal static class NodeHost
{
    /// <summary>
    /// How long a stop may take. A long record is rewritten once when it is finalised, and the cluster waits up to 130
    /// s for that (<c>ClusterConfiguration</c>). Before that, the cluster waits for the hand-over of its sessions.
    /// </summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(150);

    private static readonly TimeSpan AnswerMargin = TimeSpan.FromSeconds(10);

    /// <summary>Builds the host. Nothing runs, listens or is written before the host is started.</summary>
    /// <param name="settings">The settings, with absolute folders.</param>
    /// <param name="slots">The node's slots.</param>
    /// <param name="load">Measures processors and memory.</param>
    /// <param name="disk">The disk of the records folder.</param>
    /// <param name="identity">What the node is, whatever address it has.</param>
    /// <param name="localKey">The node's own key; null: there is none.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The HTTP options make no
    /// sense.</exception>
    public static WebApplication Build(
        RecorderSettings settings,
        NodeSlots slots,
        LoadMeter load,
        DiskMeter disk,
        NodeIdentity identity,
        LocalKey? localKey = null
    )
    {
        var roles = NodeRoles.Read(settings.Cluster.Roles, out _);

        // The slim builder's own sources, especially ASPNETCORE_ variables, do not apply to this program: see
        // NodeConfiguration.
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Configuration.Sources.Clear();
        // The slim builder's server speaks no TLS unless asked.
        builder.WebHost.UseKestrelHttpsConfiguration();
        AddLogging(builder.Logging, settings.Node.LogLevel);
        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = settings.Cluster.Placement.HandOverLimit + StopLimit
        );

        // Hosted services start in this order and stop in reverse. First the edge closes, beside the hand-over of the
        // sessions. Then the other sessions finalise, and the media side makes sure that its processes are gone.
        builder.Services.AddSingleton(TimeProvider.System);
        var clock = new FarmClock(TimeProvider.System);
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton(_ => new FarmDatabase(settings.Cluster.Database));
        builder.Services.AddSingleton(all => new JoinPictureBook(all.GetRequiredService<FarmDatabase>()));
        builder.Services.AddSingleton<IAuditBook>(services => new AuditBook(
            services.GetRequiredService<FarmDatabase>(),
            settings.Cluster.Retention.Audit
        ));
        builder.Services.AddSingleton(services => new NodeLease(
            services.GetRequiredService<FarmDatabase>(),
            identity.Node.ToString(),
            settings.Node.Data,
            TimeProvider.System
        ));
        builder.Services.AddSingleton<INodeLimits>(new NodeLimits(slots, load, disk));
        builder.Services.AddSingleton(RetentionSettings.Read(settings.Cluster.Retention));
        builder.Services.AddSingleton(new LongestSession(settings.Cluster.Sessions.MaxDuration));
        builder.Services.AddSingleton(SecretFiles.Of(settings.Cluster.Secrets));
        builder.Services.AddSingleton(
            Destinations.Of(
                settings.Delivery,
                settings.Destinations,
                settings.Cluster.Network.Policy()
            )
        );
        builder.Services.AddHostedService(_ => disk);
        builder.Services.AddHostedService(_ => load);
        if (roles.Records)
        {
            builder.Services.AddSingleton(identity.Records!);
            builder
                .Services.AddSessionMedia(settings.Media, settings.Cluster)
                .AddRecordDelivery(
                    settings.Delivery,
                    settings.Destinations,
                    settings.Node.Data,
                    settings.Cluster.Network
                );
        }
        builder.Services.AddWebhookCalls(settings.Cluster.Network);
        builder.Services.AddAkka(
            FarmNames.SystemName,
            (akka, services) =>
                akka.AddRecorderCluster(
                        settings.Cluster,
                        services.GetRequiredService<FarmDatabase>(),
                        services.GetRequiredService<NodeLease>(),
                        services.GetService<ISessionMedia>(),
                        services.GetRequiredService<INodeLimits>(),
                        clock,
                        identity,
                        new CutOffMarker(settings.Node.Data),
                        services.GetService<IRecordDelivery>(),
                        services.GetRequiredService<IMeterFactory>(),
                        services.GetRequiredService<IWebhookCalls>(),
                        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping
                    )
                    .AddHocon(
                        $"akka.stdout-logger-class = \"{typeof(SilentLogger).AssemblyQualifiedName}\"",
                        HoconAddMode.Prepend
                    )
                    .ConfigureLoggers(loggers =>
                    {
                        loggers.LogLevel =
                            settings.Node.LogLevel <= LogLevel.Debug
                                ? Akka.Event.LogLevel.DebugLevel
                                : Akka.Event.LogLevel.InfoLevel;
                        loggers.ClearLoggers();
                        loggers.AddLogger<HostLogger>();
                    })
                    .WithEdgeActor()
        );
        // A session itself ends a start that hangs. The waiting call must wait longer, to receive the reason.
        var least = settings.Cluster.Sessions.StartLimit + AnswerMargin;
        if (settings.Http.StartTimeout < least)
        {
            settings.Http.StartTimeout = least;
        }
        builder.Services.AddRecorderHttp(settings.Http, settings.Telemetry, localKey, settings.Profiles);

        var app = builder.Build();
        app.MapRecorderHttp(forTheFarm: roles.AnswersHttp);
        return app;
    }

    /// <summary>Adds this program's log, which writes lines to standard output.</summary>
    public static void AddLogging(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(level);
        // Entries of the framework and of Akka are for people who examine them, so they appear one level lower.
        var ofOthers = level switch
        {
            LogLevel.Trace => LogLevel.Debug,
            LogLevel.Debug => LogLevel.Information,
            LogLevel.Information => LogLevel.Warning,
            _ => level,
        };
        logging.AddFilter("Microsoft", ofOthers);
        logging.AddFilter("Akka", ofOthers);

        // These write whole paths, and the path of a link to a record is a secret.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Routing", LogLevel.Warning);

        logging.AddConsole(console => console.FormatterName = LineFormatter.FormatterName);
        logging.AddConsoleFormatter<LineFormatter, Microsoft.Extensions.Logging.Console.ConsoleFormatterOptions>();
    }
}
