using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Serialization;
using Akka.Remote.Transport.DotNetty;
using Akka.Serialization;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>What somebody can do who reaches the port that nodes have for each other, and is none of them.</summary>
[Collection(nameof(TrapException))]
[Trait("ring", "farm")]
public sealed class StrangerTests : IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private readonly TestFolder _folder = new();
    private readonly LoggedLines _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_alone_answers_nobody_and_goes_on()
    {
        await using var node = await StartAsync(options => options.Remoting.SecretFile = "");

        foreach (var certificate in new[] { null, AnyCertificate() })
        {
            var stranger = Stranger(certificate);
            Actor(stranger, node, "membership").Tell(PoisonPill.Instance);
            Actor(stranger, node, "membership").Tell(new LeaveFarm());
            Deploy(stranger, node, "alone");

            // Said last over the same connection: what is not answered came as far as all before it.
            await Assert.ThrowsAsync<AskTimeoutException>(() =>
                Actor(stranger, node, "placement").Ask<object>(new ListSessions(), Silence)
            );
            await stranger.Terminate();
        }

        await _log.ExpectAsync("this node is a farm of one and takes no other node");
        Assert.DoesNotContain("alone", Victim.Made);
        Assert.Null((await node.Membership.Ask<NodeStanding>(new GetStanding(), TestNode.Limit)).WhyNotIn);
        Assert.Empty(await node.ListAsync());
    }

    [Fact]
    public async Task A_farm_with_a_secret_takes_nodes_that_have_it_and_no_others()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(options => options.SeedNodes = PlaceOf(first));
        await first.MembersAsync("both are up", members => members.Members.Count(member => member.Status == "Up") == 2);

        foreach (var secret in new[] { "", Path.Join(_folder.Root, "another-secret") })
        {
            if (secret.Length > 0)
            {
                await File.WriteAllTextAsync(secret, new string('x', RemotingCertificate.LeastSecretLength));
            }
            var log = new LoggedLines();
            await using var third = await TestNode.StartAsync(
                _folder,
                new SimulatedMedia(_folder.Records),
                options =>
                {
                    options.Remoting.SecretFile = secret;
                    options.SeedNodes = PlaceOf(first);
                },
                log
            );

            // Which its own end of the connection says, or Akka when the other end has closed it.
            await log.ExpectAsync(
                secret.Length > 0 ? "that process has another secret" : $"Association failed with {first.Address}"
            );
            var whyNotIn = (await third.Membership.Ask<NodeStanding>(new GetStanding(), TestNode.Limit)).WhyNotIn;
            Assert.Contains(PlaceOf(first), whyNotIn, StringComparison.Ordinal);
            Assert.Contains("the same Remoting:SecretFile", whyNotIn, StringComparison.Ordinal);
            Assert.Equal(2, (await first.MembersAsync("asked", _ => true)).Members.Count);
        }

        foreach (var certificate in new[] { null, AnyCertificate() })
        {
            var stranger = Stranger(certificate);
            Actor(stranger, first, "membership").Tell(new LeaveFarm());
            await Assert.ThrowsAsync<AskTimeoutException>(() =>
                Actor(stranger, first, "placement").Ask<object>(new ListSessions(), Silence)
            );
            await stranger.Terminate();
        }

        await _log.ExpectAsync("that process has another secret");
        Assert.Equal(2, (await first.MembersAsync("asked", _ => true)).Members.Count(member => member.Status == "Up"));
    }

    [Fact]
    public async Task A_farm_without_a_secret_makes_nothing_that_a_stranger_names_and_ends_no_actor_of_its_own()
    {
        await using var node = await StartAsync(options =>
        {
            options.Remoting.SecretFile = "";
            options.Remoting.Port = LoopbackPort.Free();
            options.SeedNodes = $"127.0.0.1:{options.Remoting.Port}";
        });
        await node.MembersAsync("up", members => members.Members.Count(member => member.Status == "Up") == 1);
        var stranger = Stranger(null);
        Assert.NotNull(
            await Actor(stranger, node, "membership").Ask<AddressUse>(new GetAddressUse(node.Address), TestNode.Limit)
        );

        var sprung = TrapException.Sprung;
        Deploy(stranger, node, "farm");
        Actor(stranger, node, "membership").Tell(new Trap("farm"));
        Actor(stranger, node, "membership").Tell(PoisonPill.Instance);
        Actor(stranger, node, "membership").Tell(Kill.Instance);
        Actor(stranger, node, "membership")
            .Tell(new MiscMessageSerializer((ExtendedActorSystem)stranger).FromBinary([], "IR"));
        Actor(stranger, node, "membership").Tell(new Status.Failure(new TrapException()));

        // Said over the same connection, after all of that.
        Assert.NotNull(
            await Actor(stranger, node, "membership").Ask<AddressUse>(new GetAddressUse(node.Address), TestNode.Limit)
        );
        foreach (var manifest in new[] { "PP", "K", "IR", "STF" })
        {
            await _log.ExpectAsync($"This node takes the message {manifest} of Akka from nobody");
        }

        // A system message that is not taken ends the connection, which is the stranger's own loss.
        ((IInternalActorRef)await Actor(stranger, node, "membership").ResolveOne(TestNode.Limit)).Restart(
            new TrapException()
        );
        await _log.ExpectAsync("This node takes the system message Recreate from nobody");
        Assert.DoesNotContain("farm", Victim.Made);
        Assert.Equal(1, Trap.Made.Count(name => name == "farm"));
        Assert.Equal(sprung, TrapException.Sprung);
        Assert.False(_log.Contains("IntentionalActorRestart"), "The membership was restarted.");
        Assert.Null((await node.Membership.Ask<NodeStanding>(new GetStanding(), TestNode.Limit)).WhyNotIn);
        await stranger.Terminate();
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, true)]
    public void A_secret_that_every_user_can_read_is_warned_of(UnixFileMode mode, bool warned)
    {
        File.SetUnixFileMode(_folder.Secret, mode);

        var warnings = RemotingCertificate.Warnings(new RemotingOptions { SecretFile = _folder.Secret });

        Assert.Equal(
            warned,
            warnings.Any(warning => warning.Contains($"chmod o-r {_folder.Secret}", StringComparison.Ordinal))
        );
        Assert.Empty(RemotingCertificate.Warnings(new RemotingOptions()));
        Assert.Empty(
            RemotingCertificate.Warnings(new RemotingOptions { SecretFile = Path.Join(_folder.Root, "none") })
        );
    }

    [Theory]
    [InlineData("", false, "", true)]
    [InlineData("", false, "10.0.0.1", true)]
    [InlineData("", true, "", true)]
    [InlineData("", true, "10.0.0.1", false)]
    [InlineData("10.0.0.2:34569", true, "10.0.0.1", false)]
    [InlineData("127.0.0.1:34569", false, "", false)]
    public void Whoever_may_be_joined_by_others_needs_a_secret(
        string seeds,
        bool postgres,
        string publicHostname,
        bool secured
    )
    {
        var options = new RecorderClusterOptions { SeedNodes = seeds };
        options.Remoting.PublicHostname = publicHostname;
        if (postgres)
        {
            options.Database.ConnectionString = "Host=db";
        }

        Assert.Equal(secured, RemotingCertificate.Secures(options));
        Assert.Equal(secured, RemotingCertificate.SetupFor(options) is not null);
        options.Remoting.SecretFile = _folder.Secret;
        Assert.NotNull(RemotingCertificate.SetupFor(options));
    }

    [Fact]
    public void One_secret_makes_one_key_and_a_node_alone_makes_its_own()
    {
        var options = new RecorderClusterOptions { Remoting = new RemotingOptions { SecretFile = _folder.Secret } };

        Assert.Equal(KeyOf(options), KeyOf(options));
        Assert.NotEqual(KeyOf(new RecorderClusterOptions()), KeyOf(new RecorderClusterOptions()));

        static string KeyOf(RecorderClusterOptions options) =>
            Convert.ToHexString(
                RemotingCertificate.SetupFor(options)!.Certificate.PublicKey.ExportSubjectPublicKeyInfo()
            );
    }

    [Theory]
    [InlineData(null, "cannot be read")]
    [InlineData("", "fewer than 32 characters")]
    [InlineData(
        "0123456789012345678901234567890\n0123456789012345678901234567890123456789",
        "fewer than 32 characters"
    )]
    public void A_secret_that_is_none_is_refused_and_not_shown(string? content, string reason)
    {
        var file = Path.Join(_folder.Root, "no-secret");
        if (content is not null)
        {
            File.WriteAllText(file, content);
        }

        var problem = Assert.Single(RemotingCertificate.Problems(new RemotingOptions { SecretFile = file }));

        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.Contains("openssl rand -base64 32", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", problem, StringComparison.Ordinal);
    }

    private Task<TestNode> StartAsync(Action<RecorderClusterOptions>? configure = null) =>
        TestNode.StartAsync(_folder, new SimulatedMedia(_folder.Records), configure, _log);

    private static string PlaceOf(TestNode node) =>
        SeedNodeList.Write(Akka.Cluster.Cluster.Get(node.System).SelfAddress);

    private static ActorSelection Actor(ActorSystem stranger, TestNode node, string name) =>
        stranger.ActorSelection($"{node.Address}/user/{name}");

    /// <summary>Of a stranger that takes the certificate of whomever it calls, so that the one that refuses is the
    /// node.</summary>
    private static DotNettySslSetup AnyCertificate() =>
        new(
            RemotingCertificate.SetupFor(new RecorderClusterOptions())!.Certificate,
            suppressValidation: true,
            requireMutualAuthentication: true
        );

    /// <summary>An actor system that has our classes, which anybody can read, and speaks to nodes as they do to each
    /// other.</summary>
    private static ActorSystem Stranger(Setup? certificate)
    {
        var setup = BootstrapSetup
            .Create()
            .WithConfig(
                ConfigurationFactory.ParseString(
                    $$"""
                    akka.actor.provider = remote
                    akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
                    {{(certificate is null ? "" : RemotingCertificate.Hocon)}}
                    akka.loglevel = OFF
                    akka.stdout-loglevel = OFF
                    akka.loggers = []
                    """
                )
            )
            .And(
                SerializationSetup.Create(system =>
                    [SerializerDetails.Create("wire", new WireSerializer(system), [typeof(IWireMessage)])]
                )
            );
        return ActorSystem.Create("stranger", certificate is null ? setup : setup.And(certificate));
    }

    private static void Deploy(ActorSystem stranger, TestNode node, string name) =>
        stranger.ActorOf(
            Props.Create<Victim>(name).WithDeploy(new Deploy(new RemoteScope(Address.Parse(node.Address))))
        );

    private sealed class Victim : UntypedActor
    {
        public Victim(string name) => Made.Add(name);

        public static ConcurrentBag<string> Made { get; } = [];

        protected override void OnReceive(object message) { }
    }

    private sealed class Trap
    {
        public Trap(string name)
        {
            Name = name;
            Made.Add(name);
        }

        public static ConcurrentBag<string> Made { get; } = [];

        public string Name { get; }
    }
}
