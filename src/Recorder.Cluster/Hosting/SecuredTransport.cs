using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;
using Akka.Remote.Transport.DotNetty;
using Google.Protobuf;

namespace Recorder.Cluster.Hosting;

/// <summary>
/// Akka's transport over TCP, with TLS, but with the name of the transport without TLS. Akka calls a transport with
/// TLS <c>akka.ssl.tcp</c>, and that name is part of every node's address. But nodes are known as
/// <c>akka.tcp://recorder@host:port</c> in journals, seed nodes, the API's answers and the notes of operators.
/// </summary>
public sealed class SecuredTransport : Transport
{
    /// <summary>
    /// The bytes of Akka's own heartbeat between two nodes, by <c>WireFormats.proto</c> of Akka.Remote. They are an
    /// <c>AkkaProtocolMessage</c> with the instruction (field 2) whose command type (field 1) is HEARTBEAT (3). A
    /// node that has accepted the association takes a heartbeat at any time.
    /// </summary>
    private static readonly ByteString Heartbeat = ByteString.CopyFrom(0x12, 0x02, 0x08, 0x03);

    /// <summary>
    /// The waits before each nudge of the other node. Long after Akka's first message, which must arrive before a
    /// heartbeat, and well before the handshake's limit (3 s).
    /// </summary>
    private static readonly ImmutableArray<TimeSpan> Nudges = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)];

    private readonly Transport _tcp;
    private readonly ActorSystem _apart;

    /// <summary>Called by Akka.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="config">The section <c>akka.remote.dot-netty.tcp</c>.</param>
    public SecuredTransport(ActorSystem system, Config config)
    {
        const string name = "tcp";
        System = system;
        Config = config;
        // The class is not public. Akka makes transports by their names too.
        var type = typeof(DotNettySslSetup).Assembly.GetType(
            "Akka.Remote.Transport.DotNetty.TcpTransport",
            throwOnError: true
        )!;
        _tcp = (Transport)Activator.CreateInstance(type, system, config)!;
        typeof(Transport).GetProperty(nameof(SchemeIdentifier))!.SetValue(_tcp, name);
        SchemeIdentifier = name;

        // Akka's transport shuts its actor system down when a connection that it opens fails in TLS. A peer killed
        // during the handshake, or a stranger on the port of a lost peer, would end this node and its recordings. The
        // transport therefore gets a separate system to shut down, in which nothing runs.
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
        if (system.Settings.Setup.Get<FarmCertificateHolder>() is { HasValue: true, Value: var holder })
        {
            holder.Changed = Show;
        }
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

    /// <summary>Replaces the certificate. Akka's transport takes the certificate of its settings anew for each
    /// connection, and has no way of its own to change the settings.</summary>
    private void Show(X509Certificate2 certificate)
    {
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var ssl = MemberOf(MemberOf(_tcp, "Settings"), "Ssl");
        var field =
            ssl.GetType().GetField("Certificate", any) ?? ssl.GetType().GetField("<Certificate>k__BackingField", any);
        field!.SetValue(ssl, certificate);

        static object MemberOf(object owner, string name) =>
            owner.GetType().GetProperty(name, any)?.GetValue(owner)
            ?? owner.GetType().GetField(name, any)!.GetValue(owner)!;
    }

    /// <summary>
    /// Works around a lost wake-up in DotNetty's TLS. Data that arrives just when the accepting side ends its
    /// handshake is left unread until more data arrives. Akka's first message arrives at that moment, and nothing
    /// follows before its answer. On a busy machine, two of 45 farms of three nodes lost the first messages between
    /// two nodes in this way. A start was lost with them.
    /// </summary>
    private static async Task NudgeAsync(AssociationHandle handle)
    {
        foreach (var pause in Nudges)
        {
            await Task.Delay(pause, TimeProvider.System);
            // On a connection that has ended meanwhile, Write returns false.
            handle.Write(Heartbeat);
        }
    }
}
