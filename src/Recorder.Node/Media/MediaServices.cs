using Recorder.Cluster.Sessions;
using Recorder.Node.Browsing;
using Recorder.Node.Processes;

namespace Recorder.Node.Media;

/// <summary>Wires the media side into a host.</summary>
internal static class MediaServices
{
    /// <summary>
    /// Registers <see cref="ISessionMedia"/> and what it stands on. Call it before Akka is added: hosted services start in the order of
    /// registration and stop in the reverse one, so the sweep comes before the first session, and the last word after the last one.
    /// </summary>
    public static IServiceCollection AddSessionMedia(this IServiceCollection services, MediaOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new ProcessLauncher(SystemUser.Unprivileged(options.User), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(_ => RunRoot.Open(options.RunRoot, SystemUser.Unprivileged(options.User)));
        services.AddSingleton<ProcessSweep>();
        services.AddSingleton<PlaywrightDriver>();
        services.AddSingleton(provider => new BrowserHost(
            provider.GetRequiredService<ProcessLauncher>(),
            provider.GetRequiredService<RunRoot>(),
            options.BrowserExecutable,
            provider.GetRequiredService<ILogger<BrowserHost>>()));
        services.AddSingleton<IMediaChildren, MediaChildren>();
        services.AddSingleton<ISessionMedia, SessionMedia>();
        services.AddHostedService<MediaStart>();
        return services;
    }
}

/// <summary>What the media side does at the start of a node: sweep, then warm what the first session would have to wait for.</summary>
internal sealed class MediaStart(
    ProcessSweep sweep, PlaywrightDriver driver, BrowserHost host, RunRoot root, ProcessLauncher launcher) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _ = host.Executable;
        await sweep.RunAsync().ConfigureAwait(false);
        // A node is ready without them; a first session that comes at once waits for what is under way.
        _ = host.SandboxedAsync();
        _ = driver.WarmAsync();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await root.DisposeAsync().ConfigureAwait(false);
        await driver.DisposeAsync().ConfigureAwait(false);
        launcher.Dispose();
    }
}
