using Recorder.Cluster.Hosting;
using Recorder.Cluster.Network;
using Recorder.Cluster.Pictures;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Settings;
using Recorder.Http.Access;
using Recorder.Node.Browsing;
using Recorder.Node.Gateway;
using Recorder.Node.Media.Rtp;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Workers;

namespace Recorder.Node.Media;

/// <summary>Wires the media side into a host.</summary>
internal static class MediaServices
{
    /// <summary>
    /// Registers <see cref="ISessionMedia"/> and the services below it. Call this before Akka is added. Hosted services
    /// start in the order of registration and stop in reverse, so the sweep runs before the first session. The final
    /// check that every process is gone runs after the last session.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">How this node brings up media.</param>
    /// <param name="farm">The node's options in its farm. The name by which other nodes reach this node also serves
    /// senders of RTP, unless the options say otherwise. The options also say how soon a silent node is given
    /// up.</param>
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
        services.AddSingleton(_ => RunRoot.Open(options.RunRoot, BrowserUsers.Of(options.User, options.Users)));
        services.AddSingleton<ProcessSweep>();
        services.AddSingleton(farm.Network.Rules());
        services.AddSingleton<PageConnections>();
        var browsers = BrowserNetwork.Read(options, Environment.GetEnvironmentVariable, out _, out _);
        services.AddSingleton<IPageRoute>(browsers.Proxy);
        services.AddSingleton(provider => new GatewayRoad(
            new AddressGate(farm.Network.Policy(), SystemResolver.Instance),
            browsers.Proxy.For,
            new NodePorts(farm.Remoting.Port).WhyRefused,
            provider.GetRequiredService<PageConnections>(),
            new ProxyTrust(browsers.Authorities)
        ));
        services.AddSingleton(provider => new BrowserHost(
            provider.GetRequiredService<ProcessLauncher>(),
            provider.GetRequiredService<RunRoot>(),
            options.BrowserExecutable,
            browsers with
            {
                PeerUdp = farm.Network.WebRtcUdp,
            },
            provider.GetRequiredService<GatewayRoad>(),
            provider.GetRequiredService<ILogger<BrowserHost>>(),
            options.Sandbox
        )
        {
            Secrets = SecretFiles.Of(farm.Secrets),
            Pictures = provider.GetService<JoinPictureBook>(),
        });
        services.AddSingleton<IRecordingBrowsers>(provider => new RecordingBrowsers(
            provider.GetRequiredService<RunRoot>(),
            provider.GetRequiredService<PageConnections>()
        ));
        services.AddSingleton(_ => StartGate.Of(options.ConcurrentStarts));
        services.AddSingleton<IMediaChildren, MediaChildren>();
        services.AddSingleton<PosterMaker>();
        services.AddSingleton<SessionMedia>();
        services.AddSingleton<ISessionMedia>(provider => provider.GetRequiredService<SessionMedia>());
        services.AddHostedService<MediaStart>();
        return services;
    }
}
