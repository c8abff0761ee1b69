using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;
using Akka.Remote.Transport.DotNetty;

namespace Recorder.Cluster.Hosting;

/// <summary>
/// Akka's transport over TCP, with TLS, under the name that it has without. Akka calls a transport with TLS <c>akka.ssl.tcp</c>, which stands in every address of a
/// node: journals, seed nodes, the API's answers and what operators have written down know nodes as <c>akka.tcp://recorder@host:port</c>.
/// </summary>
public sealed class SecuredTransport : Transport
{
    private readonly Transport _tcp;
    private readonly ActorSystem _apart;

    /// <summary>Makes it; Akka does.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="config">The section <c>akka.remote.dot-netty.tcp</c>.</param>
    public SecuredTransport(ActorSystem system, Config config)
    {
        const string name = "tcp";
        System = system;
        Config = config;
        // The class is not public: Akka makes transports by their names, as here.
        var type = typeof(DotNettySslSetup).Assembly.GetType("Akka.Remote.Transport.DotNetty.TcpTransport", throwOnError: true)!;
        _tcp = (Transport)Activator.CreateInstance(type, system, config)!;
        typeof(Transport).GetProperty(nameof(SchemeIdentifier))!.SetValue(_tcp, name);
        SchemeIdentifier = name;

        // When a connection it opens fails in TLS, Akka's transport shuts its actor system down: one peer that is killed while they shake hands, or a stranger
        // on the port of a peer that is gone, would end this node and its recordings. So it has a system of its own to shut down, in which nothing runs.
        _apart = ActorSystem.Create(system.Name, """
            akka.coordinated-shutdown { terminate-actor-system = off, exit-clr = off, run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off }
            akka.scheduler.tick-duration = 1 s
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.loggers = []
            """);
        typeof(Transport).GetProperty(nameof(System))!.SetValue(_tcp, _apart);
        MaximumPayloadBytes = _tcp.MaximumPayloadBytes;
    }

    /// <inheritdoc/>
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() => _tcp.Listen();

    /// <inheritdoc/>
    public override bool IsResponsibleFor(Address remote) => _tcp.IsResponsibleFor(remote);

    /// <inheritdoc/>
    public override Task<AssociationHandle> Associate(Address remoteAddress) => _tcp.Associate(remoteAddress);

    /// <inheritdoc/>
    public override async Task<bool> Shutdown()
    {
        var flushed = await _tcp.Shutdown().ConfigureAwait(false);
        await _apart.Terminate().ConfigureAwait(false);
        return flushed;
    }

    /// <inheritdoc/>
    public override Task<bool> ManagementCommand(object message) => _tcp.ManagementCommand(message);
}
