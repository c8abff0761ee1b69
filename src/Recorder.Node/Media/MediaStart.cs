using Akka.Actor;
using Recorder.Node.Browsing;
using Recorder.Node.Displays;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Media;

/// <summary>
/// The media side's work at the start and the end of a node. At the start, it sweeps, prepares what the first session
/// would otherwise wait for, and rehearses. At the end, it waits until every process is gone.
/// </summary>
internal sealed class MediaStart(
    ProcessSweep sweep,
    BrowserHost host,
    RunRoot root,
    ProcessLauncher launcher,
    MediaOptions options,
    IHostApplicationLifetime lifetime,
    IServiceProvider services,
    TimeProvider clock,
    ILogger<MediaStart> log
) : IHostedService
{
    /// <summary>A session that comes as soon as the node is ready has the processors for itself.</summary>
    private static readonly TimeSpan RehearsalDelay = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _ = host.Executable;
        if (!MemoryPriority.ProtectNode())
        {
            log.LogDebug("This node may not lower its own OOM score; browsers have a higher score all the same.");
        }
        await sweep.RunAsync();
        root.Groups = await BrowserGroups.OpenAsync(new GroupBounds(options.PageMemory.Bytes, options.PageThreads));
        log.LogInformation("{Standing}", root.Groups.Standing);
        PrepareDisplays();
        if (options.Sandbox == SandboxUse.Required)
        {
            await host.SandboxedAsync();
        }
        // The node is ready before this work is done. A first session that comes at once waits for the work under way.
        _ = WarmAsync();
        if (options.Rehearse)
        {
            lifetime.ApplicationStarted.Register(() => _ = RehearseAsync());
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await root.DisposeAsync();
        launcher.Dispose();
    }

    private void PrepareDisplays()
    {
        if (root.Users.Range is { } range)
        {
            log.LogInformation("Each session's browser runs as a user of its own, of {Range}.", range);
        }
        else if (root.Users.WhyShared is { } reason)
        {
            log.Log(root.Users.AreOthers ? LogLevel.Warning : LogLevel.Information, "{Reason}", reason);
        }
        try
        {
            DisplayFolder.Prepare(root.Users);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.LogWarning(
                "The folder of the displays' sockets cannot be kept from single sessions: {Reason}",
                error.Message
            );
        }
    }

    private async Task WarmAsync()
    {
        try
        {
            await host.SandboxedAsync();
        }
        catch (Exception error) when (error is ProcessStartException or IOException or ObjectDisposedException)
        {
            log.LogWarning("Whether browsers run in a sandbox here could not be tried: {Reason}", error.Message);
        }
    }

    private async Task RehearseAsync()
    {
        try
        {
            await Task.Delay(RehearsalDelay, clock, lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        var media = services.GetRequiredService<SessionMedia>();
        if (media.FirstSession.IsCompleted)
        {
            return;
        }
        var folder = Path.Combine(root.Path, "rehearsal");
        services
            .GetRequiredService<ActorSystem>()
            .ActorOf(Props.Create(() => new RehearsalActor(media, folder)), "rehearsal");
    }
}
