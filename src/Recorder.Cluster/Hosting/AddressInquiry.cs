using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Serialization;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Hosting;

/// <summary>
/// Finds out whether another process of the farm already has the address of this node. The cause may be a copied
/// configuration, or a name that every host has. If a node joins with a living member's address, the farm takes it
/// for that member's next life. The farm would then give the living member up, with its sessions. So the farm is
/// asked before. A node that comes back after a crash may join: its earlier life is still listed but does not answer.
/// </summary>
public static class AddressInquiry
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(4);

    /// <summary>Asks all seed nodes that take connections. Await this before the node's remoting listens: until then
    /// only another process can answer.</summary>
    /// <param name="options">The configuration.</param>
    /// <returns>The problem and its solution, in sentences; null when no seed node knows of another
    /// process.</returns>
    public static async Task<string?> FindAsync(RecorderClusterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var remoting = options.Remoting;
        var (host, port) = (remoting.KnownHostname, remoting.PublicPort > 0 ? remoting.PublicPort : remoting.Port);
        if (port == 0)
        {
            return null;
        }
        var own = new Address("akka.tcp", FarmNames.SystemName, host, port);
        var seeds = SeedNodeList.Read(options.SeedNodes, out _);
        var knocks = await Task.WhenAll(
            seeds.Select(async seed => (Seed: seed, Outcome: await PortProbe.TryAsync(seed)))
        );
        List<Address> listening =
        [
            .. knocks.Where(knock => knock.Outcome == ProbeOutcome.Accepted).Select(knock => knock.Seed),
        ];
        if (listening.Count == 0)
        {
            return null;
        }

        // The question comes from a separate actor system with its own address. The first message of this node's
        // remoting would turn the other nodes away from the living node.
        var system = ActorSystem.Create("recorder-inquiry", SetupFor(options));
        try
        {
            var answers = await Task.WhenAll(listening.Select(seed => AskAsync(system, seed, own)));
            return answers.FirstOrDefault(answer => answer is not null) is { } witness
                ? $"Another node of the farm is known as {SeedNodeList.Write(own)} and answers there, says {SeedNodeList.Write(witness)}. Every node needs an address of its own: "
                    + "set --hostname, or --public-hostname and --remoting-public-port, to where this machine is reached. The other node goes on."
                : null;
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static async Task<Address?> AskAsync(ActorSystem system, Address seed, Address own)
    {
        try
        {
            var node = system.ActorSelection(new RootActorPath(seed) / "user" / MembershipActor.Name);
            return (await node.Ask<AddressUse>(new GetAddressUse(own.ToString()), AnswerLimit)).Answers ? seed : null;
        }
        catch (AskTimeoutException)
        {
            // The asked node is another build, or is ending. The node that lets this one in will see the problem.
            return null;
        }
    }

    private static ActorSystemSetup SetupFor(RecorderClusterOptions options)
    {
        var certificate = RemotingCertificate.SetupFor(options);
        var plain = BootstrapSetup
            .Create()
            .WithConfig(
                ConfigurationFactory.ParseString(
                    ConfigurationOf(options.Remoting.Hostname) + (certificate is null ? "" : RemotingCertificate.Hocon)
                )
            )
            .And(
                SerializationSetup.Create(system =>
                    [SerializerDetails.Create("wire", new WireSerializer(system), [typeof(IWireMessage)])]
                )
            );
        return certificate is null ? plain : plain.And(certificate);
    }

    private static string ConfigurationOf(string hostname) =>
        $$"""
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp.hostname = "{{hostname}}"
            akka.remote.dot-netty.tcp.public-hostname = "{{(
                hostname is "0.0.0.0" or "::" ? Environment.MachineName : hostname
            )}}"
            akka.remote.dot-netty.tcp.port = 0
            akka.coordinated-shutdown.exit-clr = off
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.loggers = []
            {{ClusterConfiguration.BoundTypes}}

            """;
}
