using Akka.Actor;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Membership;
using Recorder.Http;
using Recorder.Node.Capacity;
using Recorder.Node.Configuration;
using Recorder.Node.Delivery;
using Recorder.Node.Hosting;
using Recorder.Node.Processes;

namespace Recorder.Node.Commands;

/// <summary>Runs a node: checks, folders, database, host, and the one line that reports readiness.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan DatabaseInterval = TimeSpan.FromSeconds(3);

    /// <summary>Runs a node until it is told to stop.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="warnings">The warnings of the configuration.</param>
    /// <param name="use">Uses the node while the node is up, and gets the address of its API and what is cancelled
    /// when the node stops. The node stops when this has ended. Null: the node runs until a signal ends it.</param>
    /// <returns>The process's exit code.</returns>
    /// <exception cref="StartRefusedException">The node cannot start here, for reasons that a person can
    /// fix.</exception>
    public static async Task<int> RunAsync(
        RecorderSettings settings,
        IReadOnlyList<string> warnings,
        Func<Uri, CancellationToken, Task>? use = null
    )
    {
        string[] problems =
        [
            .. FarmOptionsCheck.Problems(settings.Cluster),
            .. RemotingCertificate.Problems(settings.Cluster.Remoting),
            .. HttpOptionsCheck.Problems(settings.Http),
            .. DestinationCheck.Problems(
                settings.Delivery,
                settings.Destinations,
                settings.Media.RecordsFolder,
                settings.Node.Data
            ),
        ];
        if (problems.Length > 0)
        {
            throw new StartRefusedException(problems);
        }
        var records = NodeRoles.Read(settings.Cluster.Roles, out _).Records;
        if (records)
        {
            warnings = [.. warnings, .. Prerequisites.Check(settings.Media), .. DeliveryCheck.Check(settings.Delivery)];
        }
        settings.Media.RecordsFolder = Folders.Prepare(
            settings.Media.RecordsFolder,
            "records folder",
            "--records",
            FileMask.FolderFor(settings.Media.RecordsReadableBy)
        );
        settings.Node.Data = Folders.Prepare(settings.Node.Data, "data folder", "--data");
        if (records)
        {
            KeepFromBrowsers(settings);
        }
        using var held = Folders.Lock(settings.Node.Data);
        var (localKey, keyWarning) = LocalKeyFile.ReadOrMake(settings.Node.Data);
        var (identity, identityWarning) = ReadIdentity(settings, records);
        warnings = [.. warnings, .. identityWarning, .. keyWarning is null ? Array.Empty<string>() : [keyWarning]];
        if (settings.Cluster.Database is { File.Length: 0, ConnectionString.Length: 0 })
        {
            settings.Cluster.Database.File = Path.Combine(settings.Node.Data, "recorder.db");
        }
        string? left = null;
        if (settings.Media.RunRoot.Length == 0)
        {
            left = RunRootName.LeftByAnEarlierVersion(settings.Node.Data, Path.GetTempPath());
            settings.Media.RunRoot = RunRootName.For(settings.Node.Data, Path.GetTempPath());
        }

        if (records)
        {
            foreach (var user in BrowsersUsers(settings).Known)
            {
                Folders.KeepParentFrom(settings.Media.RunRoot, user);
            }
        }

        var host = new HostReader("", TimeProvider.System);
        var slots = CpuTableFiles.DecideSlots(settings, host.Facts());
        var pages = (int)Math.Ceiling(slots.Count / SessionCost.BrowserFloor);
        if (records && BrowsersUsers(settings).TooSmall(pages) is { } tooSmall)
        {
            throw new StartRefusedException(tooSmall);
        }
        using var load = new LoadMeter(host, settings.Cluster.Capacity, TimeProvider.System);
        using var disk = new DiskMeter(
            settings.Media.RecordsFolder,
            identity.Records,
            settings.Node.DiskLowWater,
            TimeProvider.System
        );
        disk.Measure();

        await using var app = NodeHost.Build(settings, slots, load, disk, identity, localKey);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(RunCommand));
        foreach (var warning in warnings.Concat(RemotingCertificate.Warnings(settings.Cluster.Remoting)))
        {
            log.LogWarning("{Warning}", warning);
        }
        if (!RemotingCertificate.Secures(settings.Cluster))
        {
            log.LogWarning(
                "Whoever reaches {Hostname}:{Port} may act as a node of this farm, and what nodes say to each other is not encrypted. Give every node the same secret with --remoting-secret-file.",
                settings.Cluster.Remoting.Hostname,
                settings.Cluster.Remoting.Port
            );
        }

        if (records && left is not null)
        {
            await ProcessSweep.RemoveAsync(
                left,
                BrowsersUsers(settings),
                app.Services.GetRequiredService<ProcessLauncher>(),
                TimeProvider.System,
                app.Services.GetRequiredService<ILogger<ProcessSweep>>()
            );
        }

        await TryPortsAsync(settings, app);
        await PrepareDatabaseAsync(app.Services.GetRequiredService<FarmDatabase>(), log);
        if (await AddressInquiry.FindAsync(settings.Cluster) is { } taken)
        {
            throw new StartRefusedException(taken);
        }
        await RegisterAsync(settings.Cluster, app.Services.GetRequiredService<NodeLease>(), log);
        await StartAsync(app);

        log.LogInformation(
            "Recorder is ready: {Addresses}, records go to {Records}",
            string.Join(", ", AddressesOf(app)),
            settings.Media.RecordsFolder
        );
        if (records)
        {
            log.LogInformation(
                "This node has {Slots}. {Found}",
                slots.Count == 1 ? "1 slot" : $"{slots.Count} slots",
                slots.Found
            );
        }
        if (records && disk.Standing.WhyClosed is { } reason)
        {
            log.LogWarning("This node takes no sessions yet: {Reason}", reason);
        }

        var system = app.Services.GetRequiredService<ActorSystem>();
        var overdue = GivenUpLimit.PassedAsync(
            CoordinatedShutdown.Get(system),
            GivenUpLimit.Limit,
            TimeProvider.System
        );
        if (use is not null)
        {
            try
            {
                await use(new Uri(AddressesOf(app).First()), app.Lifetime.ApplicationStopping);
            }
            finally
            {
                app.Lifetime.StopApplication();
                await app.WaitForShutdownAsync();
            }
        }
        if (await Task.WhenAny(app.WaitForShutdownAsync(), overdue) == overdue)
        {
            log.LogError(
                "The farm has given this node up, and the node did not end its parts within {Limit}. The process ends now; records that are open are repaired when the node is back.",
                GivenUpLimit.Limit
            );
            Environment.Exit(RecorderCommandLine.GivenUp);
        }
        return ExitCodeOf(CoordinatedShutdown.Get(system).ShutdownReason, settings.Cluster, log);
    }

    /// <summary>Reads what the node is, or makes that at the first start. The data folder must be locked.</summary>
    private static (NodeIdentity Identity, IReadOnlyList<string> Warnings) ReadIdentity(
        RecorderSettings settings,
        bool records
    )
    {
        try
        {
            var node = NodeIdFile.ReadOrMake(settings.Node.Data);
            var folder = records
                ? MarkedFolder.Open(settings.Media.RecordsFolder, settings.Node.Data, TimeProvider.System)
                : null;
            return (new NodeIdentity(node, folder), folder?.Warning is { } warning ? [warning] : []);
        }
        catch (IdentityUnusableException error)
        {
            throw new StartRefusedException(error.Message);
        }
    }

    private static void KeepFromBrowsers(RecorderSettings settings)
    {
        foreach (var user in BrowsersUsers(settings).Known)
        {
            Folders.KeepFrom(settings.Media.RecordsFolder, "records folder", "--records", shared: true, user);
            Folders.KeepFrom(settings.Node.Data, "data folder", "--data", shared: false, user);
        }
    }

    private static BrowserUsers BrowsersUsers(RecorderSettings settings)
    {
        try
        {
            return BrowserUsers.Of(settings.Media.User, settings.Media.Users);
        }
        catch (InvalidOperationException error)
        {
            throw new StartRefusedException(error.Message);
        }
    }

    /// <summary>The exit code for the reason of a shutdown. The farm can end a node too. The exit code then tells a
    /// supervisor whether another start would help.</summary>
    private static int ExitCodeOf(CoordinatedShutdown.Reason? reason, RecorderClusterOptions cluster, ILogger log)
    {
        switch (reason)
        {
            case CoordinatedShutdown.ClusterDowningReason:
                log.LogError(
                    "The farm has given this node up, so it has ended its sessions, which go on elsewhere: the farm did not hear it for too long, an operator downed it, "
                        + "or another node joined by the same address {Hostname}:{Port}. Start it again and it joins anew.",
                    cluster.Remoting.PublicHostname.Length > 0
                        ? cluster.Remoting.PublicHostname
                        : cluster.Remoting.Hostname,
                    cluster.Remoting.PublicPort > 0 ? cluster.Remoting.PublicPort : cluster.Remoting.Port
                );
                return RecorderCommandLine.GivenUp;
            case IncompatibleFarmReason incompatible:
                throw new StartRefusedException(incompatible.Message);
            default:
                return 0;
        }
    }

    private static async Task TryPortsAsync(RecorderSettings settings, WebApplication app)
    {
        foreach (var url in app.Urls)
        {
            var address = BindingAddress.Parse(url);
            if (!address.IsUnixPipe)
            {
                await Ports.TryAsync(address.Host, address.Port, "--http-port", CancellationToken.None);
            }
        }

        await Ports.TryAsync(
            settings.Cluster.Remoting.Hostname,
            settings.Cluster.Remoting.Port,
            "--remoting-port",
            CancellationToken.None
        );
    }

    private static async Task PrepareDatabaseAsync(FarmDatabase database, ILogger log)
    {
        while (true)
        {
            try
            {
                await database.PrepareAsync(CancellationToken.None);
                return;
            }
            catch (DatabaseUnusableException error) when (error.MayPass)
            {
                // After a power cut, the nodes may be up before their database.
                log.LogWarning("{Problem} The node starts as soon as it can be used.", error.Message);
                await Task.Delay(DatabaseInterval, TimeProvider.System);
            }
            catch (DatabaseUnusableException error)
            {
                throw new StartRefusedException(error.Message);
            }
        }
    }

    private static async Task RegisterAsync(RecorderClusterOptions cluster, NodeLease lease, ILogger log)
    {
        var remoting = cluster.Remoting;
        var port = remoting.PublicPort > 0 ? remoting.PublicPort : remoting.Port;
        while (true)
        {
            try
            {
                await lease.RegisterAsync(
                    port > 0 ? $"{remoting.KnownHostname}:{port}" : null,
                    string.IsNullOrWhiteSpace(cluster.SeedNodes),
                    CancellationToken.None
                );
                return;
            }
            catch (DatabaseUnusableException error) when (error.MayPass)
            {
                log.LogWarning("{Problem} The node starts as soon as it can be used.", error.Message);
                await Task.Delay(DatabaseInterval, TimeProvider.System);
            }
            catch (DatabaseUnusableException error)
            {
                throw new StartRefusedException(error.Message);
            }
        }
    }

    /// <summary>Starts a host, and turns problems that a person can fix into a sentence.</summary>
    /// <exception cref="StartRefusedException">The host could not start.</exception>
    public static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception error)
            when (error is InvalidOperationException or IOException or Processes.ProcessStartException)
        {
            throw new StartRefusedException($"The node could not start: {error.Message}");
        }
    }

    private static ICollection<string> AddressesOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? app.Urls;
}
