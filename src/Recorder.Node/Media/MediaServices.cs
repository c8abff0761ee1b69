using Recorder.Cluster.Hosting;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Http.Access;
using Recorder.Node.Browsing;
using Recorder.Node.Media.Rtp;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Workers;

namespace Recorder.Node.Media;

/// <summary>Wires the media side into a host.</summary>
internal static class MediaServices
{
    /// <summary>
    /// Registers <see cref="ISessionMedia"/> and what it stands on. Call it before Akka is added: hosted services start
    /// in the order of registration and stop in the reverse one, so the sweep comes before the first session, and the
    /// last word after the last one.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">How media is brought up.</param>
    /// <param name="farm">The node in its farm: by what name others reach it, senders of RTP too unless the options say
    /// otherwise, and how soon it is given up.</param>
    public static IServiceCollection AddSessionMedia(
        this IServiceCollection services,
        MediaOptions options,
        RecorderClusterOptions farm
    )
    {
        services.AddSingleton(options);
        services.AddSingleton(NodeSilence.In(farm));
        services.AddSingleton(RtpReach.Of(options.RtpAddress, farm.Remoting.Hostname, farm.Remoting.PublicHostname));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new ProcessLauncher(
            SystemUser.Unprivileged(options.User),
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton(_ => RunRoot.Open(options.RunRoot, SystemUser.Unprivileged(options.User)));
        services.AddSingleton<ProcessSweep>();
        services.AddSingleton(provider => new BrowserHost(
            provider.GetRequiredService<ProcessLauncher>(),
            provider.GetRequiredService<RunRoot>(),
            options.BrowserExecutable,
            BrowserNetwork.Read(options, Environment.GetEnvironmentVariable, out _, out _),
            provider.GetRequiredService<ILogger<BrowserHost>>(),
            options.Sandbox
        ));
        services.AddSingleton<IRecordingBrowsers>(provider => new RecordingBrowsers(
            provider.GetRequiredService<RunRoot>(),
            SystemUser.Unprivileged(options.User)
        ));
        services.AddSingleton(_ => StartGate.Of(options.ConcurrentStarts));
        services.AddSingleton<IMediaChildren, MediaChildren>();
        services.AddSingleton<SessionMedia>();
        services.AddSingleton<ISessionMedia>(provider => provider.GetRequiredService<SessionMedia>());
        services.AddHostedService<MediaStart>();
        return services;
    }
}
