using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;
using Akka.Remote.Transport.DotNetty;
using Google.Protobuf;

namespace Recorder.Cluster.Hosting;

/// <summary>
/// Akka's transport over TCP, with TLS, under the name that it has without. Akka calls a transport with TLS
/// <c>akka.ssl.tcp</c>, which stands in every address of a node: journals, seed nodes, the API's answers and what
/// operators have written down know nodes as <c>akka.tcp://recorder@host:port</c>.
/// </summary>
public sealed class SecuredTransport : Transport
{
    /// <summary>
    /// The bytes of Akka's own heartbeat between two nodes: an <c>AkkaProtocolMessage</c> with the instruction (field
    /// 2) whose command type (field 1) is HEARTBEAT (3), by <c>WireFormats.proto</c> of Akka.Remote. A node that has
    /// taken the association takes a heartbeat at any time.
    /// </summary>
    private static readonly ByteString Heartbeat = ByteString.CopyFrom(0x12, 0x02, 0x08, 0x03);

    /// <summary>
    /// When the other node is nudged. Long after Akka's first message, which has to be there before a heartbeat; well
    /// before the handshake's limit (3 s).
    /// </summary>
    private static readonly ImmutableArray<TimeSpan> Nudges = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)];

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
        var type = typeof(DotNettySslSetup).Assembly.GetType(
            "Akka.Remote.Transport.DotNetty.TcpTransport",
            throwOnError: true
        )!;
        _tcp = (Transport)Activator.CreateInstance(type, system, config)!;
        typeof(Transport).GetProperty(nameof(SchemeIdentifier))!.SetValue(_tcp, name);
        SchemeIdentifier = name;

        // When a connection it opens fails in TLS, Akka's transport shuts its actor system down: one peer that is
        // killed while they shake hands, or a stranger on the port of a peer that is gone, would end this node and its
        // recordings. So it has a system of its own to shut down, in which nothing runs.
        _apart = ActorSystem.Create(
            system.Name,
            """
            akka.coordinated-shutdown { terminate-actor-system = off, exit-clr = off, run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off }
            akka.scheduler.tick-duration = 1 s
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.loggers = []
            """
        );
        typeof(Transport).GetProperty(nameof(System))!.SetValue(_tcp, _apart);
        MaximumPayloadBytes = _tcp.MaximumPayloadBytes;
    }

    /// <inheritdoc/>
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() => _tcp.Listen();

    /// <inheritdoc/>
    public override bool IsResponsibleFor(Address remote) => _tcp.IsResponsibleFor(remote);

    /// <inheritdoc/>
    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        var handle = await _tcp.Associate(remoteAddress);
        _ = NudgeAsync(handle);
        return handle;
    }

    /// <inheritdoc/>
    public override async Task<bool> Shutdown()
    {
        var flushed = await _tcp.Shutdown();
        await _apart.Terminate();
        return flushed;
    }

    /// <inheritdoc/>
    public override Task<bool> ManagementCommand(object message) => _tcp.ManagementCommand(message);

    /// <summary>
    /// DotNetty's TLS loses a wake-up now and then: what comes in the moment the accepting side ends its handshake lies
    /// there until more comes. Akka's first message comes just then, and nothing follows before its answer. Of 45 farms
    /// of three nodes on a busy machine two lost the first messages between two nodes in this way, and with them a
    /// start.
    /// </summary>
    private static async Task NudgeAsync(AssociationHandle handle)
    {
        foreach (var pause in Nudges)
        {
            await Task.Delay(pause, TimeProvider.System);
            // Of a connection that has ended meanwhile this says false.
            handle.Write(Heartbeat);
        }
    }
}
