using System.Collections.Immutable;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Http;
using Recorder.Http.Settings;

namespace Recorder.PlayedNode;

/// <summary>A node with the product's HTTP, placement, sessions, journal and read model, whose media are
/// played.</summary>
internal static class PlayedNodeHost
{
    /// <summary>The most sessions at once.</summary>
    public const int Slots = 4_000;

    /// <summary>Starts a node.</summary>
    /// <param name="folder">The folder for its data and records.</param>
    /// <param name="connection">The connection string of its PostgreSQL; null for SQLite in the folder.</param>
    /// <param name="configure">Sets the options of HTTP.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<WebApplication> StartAsync(
        string folder,
        string? connection,
        Action<HttpOptions> configure,
        CancellationToken cancellation
    )
    {
        var data = Directory.CreateDirectory(Path.Join(folder, "data")).FullName;
        var records = Directory.CreateDirectory(Path.Join(folder, "records")).FullName;
        var options = new RecorderClusterOptions
        {
            Database = connection is null
                ? new DatabaseOptions { File = Path.Join(data, "recorder.db") }
                : new DatabaseOptions { ConnectionString = connection },
            Placement = new PlacementOptions { Sessions = Slots, Shards = Slots },
        };
        options.Remoting.Port = 0;
        var identity = new NodeIdentity(
            NodeIdFile.ReadOrMake(data),
            MarkedFolder.Open(records, data, TimeProvider.System)
        );
        var media = new PlayedMedia(records);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<INodeLimits>(new RoomForAll());
        builder.Services.AddSingleton<ISessionMedia>(media);
        builder.Services.AddSingleton(new FarmClock(TimeProvider.System));
        builder.Services.AddSingleton(_ => new FarmDatabase(options.Database));
        builder.Services.AddSingleton(services => new NodeLease(
            services.GetRequiredService<FarmDatabase>(),
            identity.Node.ToString(),
            data,
            TimeProvider.System
        ));
        builder.Services.AddAkka(
            FarmNames.SystemName,
            (akka, services) =>
                akka.AddRecorderCluster(
                        options,
                        services.GetRequiredService<FarmDatabase>(),
                        services.GetRequiredService<NodeLease>(),
                        media,
                        services.GetRequiredService<INodeLimits>(),
                        services.GetRequiredService<FarmClock>(),
                        identity,
                        stopping: services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping
                    )
                    .WithEdgeActor()
        );
        builder.Services.AddRecorderHttp(configure);
        var app = builder.Build();
        app.MapRecorderHttp();
        await app.Services.GetRequiredService<FarmDatabase>().PrepareAsync(cancellation);
        await app
            .Services.GetRequiredService<NodeLease>()
            .RegisterAsync(address: null, alone: true, cancellation);
        await app.StartAsync(cancellation);
        return app;
    }

    private sealed class RoomForAll : INodeLimits
    {
        public NodeSlots Slots => new(PlayedNodeHost.Slots, "set by the played node");

        public NodeLoad? Load => null;

        public string? WhyClosed() => null;

        public ImmutableHashSet<ClosedReason> ClosedBy() => [];
    }
}
