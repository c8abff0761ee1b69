using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
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

namespace Recorder.Benchmarks.Systems;

/// <summary><c>played-node</c>: a node with the product's HTTP, placement, sessions, journal and read model, whose
/// media are played. Started by other commands.</summary>
internal static class PlayedNodeCommand
{
    /// <summary>The name of the command.</summary>
    public const string Name = "played-node";

    /// <summary>The most sessions at once.</summary>
    public const int Slots = 4_000;

    private static readonly Option<DirectoryInfo> Folder = new("--folder") { Required = true };

    private static readonly Option<int> Port = new("--http-port") { Required = true };

    private static readonly Option<string?> Connection = new("--connection");

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Runs a node whose media are played, until SIGTERM.")
        {
            Folder,
            Port,
            Connection,
        };
        command.Hidden = true;
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var folder = arguments.GetRequiredValue(Folder).FullName;
        var data = Directory.CreateDirectory(Path.Join(folder, "data")).FullName;
        var records = Directory.CreateDirectory(Path.Join(folder, "records")).FullName;
        var options = new RecorderClusterOptions
        {
            Database = arguments.GetValue(Connection) is { } connection
                ? new DatabaseOptions { ConnectionString = connection }
                : new DatabaseOptions { File = Path.Join(data, "recorder.db") },
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
        builder.Services.AddRecorderHttp(http =>
            http.Listen = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{arguments.GetValue(Port)}")
        );
        await using var app = builder.Build();
        app.MapRecorderHttp();
        await app.Services.GetRequiredService<FarmDatabase>().PrepareAsync(cancellationToken);
        await app
            .Services.GetRequiredService<NodeLease>()
            .RegisterAsync(address: null, alone: true, cancellationToken);
        await app.RunAsync(cancellationToken);
        return 0;
    }

    private sealed class RoomForAll : INodeLimits
    {
        public NodeSlots Slots => new(PlayedNodeCommand.Slots, "set by the benchmark");

        public NodeLoad? Load => null;

        public string? WhyClosed() => null;

        public ImmutableHashSet<ClosedReason> ClosedBy() => [];
    }
}
