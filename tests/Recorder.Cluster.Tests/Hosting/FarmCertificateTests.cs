using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Nodes that know each other by certificates of the farm's own authority.</summary>
[Trait("ring", "farm")]
public sealed class FarmCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", null)]
    [InlineData("expired", "expired at ")]
    [InlineData("early", "is valid from ")]
    [InlineData("named", "is for 10.9.8.7, and other nodes know this node as 127.0.0.1.")]
    [InlineData("foreign", "is not one of the authority in ")]
    [InlineData("shown", "chmod o-r")]
    [InlineData("missing", "cannot be used: ")]
    [InlineData("no authority", "needs Remoting:Authorities")]
    [InlineData("secret", "give one of them")]
    public void A_certificate_that_cannot_be_used_is_refused_with_the_way_out(string fault, string? told)
    {
        using var authority = Authority("one");
        using var foreign = Authority("two");
        var remoting = Issue(
            "node",
            fault == "foreign" ? foreign : authority,
            fault == "named" ? "10.9.8.7" : "127.0.0.1",
            from: fault == "early" ? Now.AddDays(1) : Now.AddDays(-3),
            to: fault == "expired" ? Now.AddDays(-1) : Now.AddDays(3)
        );
        remoting.Authorities = fault == "no authority" ? "" : Write("authority", authority);
        remoting.SecretFile = fault == "secret" ? _folder.Secret : "";
        if (fault == "shown")
        {
            File.SetUnixFileMode(remoting.CertificateKey, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        }
        if (fault == "missing")
        {
            File.Delete(remoting.Certificate);
        }

        var problems = RemotingCertificate.Problems(remoting).ToList();

        Assert.Equal(told is null ? 0 : 1, problems.Count);
        Assert.Contains(told ?? "", problems.FirstOrDefault() ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_farm_takes_nodes_of_its_authority_and_no_others_and_a_certificate_is_renewed_while_it_runs()
    {
        using var old = Authority("one");
        using var next = Authority("two");
        var (log, both) = (new LoggedLines(), Write("both", old, next));
        var first = Issue("first", old, "127.0.0.1");
        first.Authorities = both;
        await using var one = await StartAsync(first, null, log);
        await one.MembersAsync("up", members => members.Members.Count(member => member.Status == "Up") == 1);

        // A node that is known by the next authority alone refuses the first node, whose certificate is of the old.
        var second = Issue("second", next, "127.0.0.1");
        second.Authorities = Write("next", next);
        var refusal = new LoggedLines();
        await using (await StartAsync(second, one, refusal))
        {
            await refusal.ExpectAsync("is not one of the farm's authority");
        }

        var renewed = Issue("renewed", next, "127.0.0.1");
        File.Copy(renewed.Certificate, first.Certificate, overwrite: true);
        File.Copy(renewed.CertificateKey, first.CertificateKey, overwrite: true);
        one.System.ActorSelection("/user/farm-certificate").Tell(FarmCertificateActor.LookDue.Instance);
        await log.ExpectAsync("is shown to other nodes from now on");

        await using var two = await StartAsync(second, one, new LoggedLines());
        await one.MembersAsync("both are up", members => members.Members.Count(member => member.Status == "Up") == 2);

        using var stranger = Authority("three");
        var third = Issue("third", stranger, "127.0.0.1");
        third.Authorities = Write("all", old, next, stranger);
        await using var three = await StartAsync(third, one, new LoggedLines());
        await log.ExpectAsync("was refused: its certificate (CN=third) is not one of the farm's authority");
        Assert.NotNull((await three.Membership.Ask<NodeStanding>(new GetStanding(), TestNode.Limit)).WhyNotIn);
        Assert.Equal(2, (await one.MembersAsync("asked", _ => true)).Members.Count);
    }

    [Theory]
    [InlineData("10.0.0.1", false, false, true)]
    [InlineData("10.0.0.1", true, false, false)]
    [InlineData("10.0.0.1", false, true, false)]
    [InlineData("127.0.0.1", false, false, false)]
    public void A_farm_that_other_machines_reach_needs_a_secret_or_certificates(
        string hostname,
        bool secret,
        bool allowed,
        bool refused
    )
    {
        var options = new RecorderClusterOptions { SeedNodes = $"{hostname}:34569" };
        options.Database.ConnectionString = "Host=db";
        options.Remoting.Hostname = hostname;
        options.Remoting.AllowUnsecured = allowed;
        options.Remoting.SecretFile = secret ? _folder.Secret : "";

        var problems = FarmOptionsCheck.Problems(options);

        Assert.Equal(
            refused,
            problems.Any(problem => problem.Contains("could act as a node of this farm", StringComparison.Ordinal))
        );
    }

    private Task<TestNode> StartAsync(RemotingOptions remoting, TestNode? seed, LoggedLines log) =>
        TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records),
            options =>
            {
                options.Remoting.SecretFile = "";
                (options.Remoting.Certificate, options.Remoting.CertificateKey, options.Remoting.Authorities) = (
                    remoting.Certificate,
                    remoting.CertificateKey,
                    remoting.Authorities
                );
                if (seed is null)
                {
                    options.Remoting.Port = LoopbackPort.Free();
                }
                options.SeedNodes = seed is null
                    ? $"127.0.0.1:{options.Remoting.Port}"
                    : SeedNodeList.Write(Akka.Cluster.Cluster.Get(seed.System).SelfAddress);
            },
            log
        );

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(1));
    }

    /// <summary>Makes the files of a node.</summary>
    private RemotingOptions Issue(
        string name,
        X509Certificate2 authority,
        string address,
        DateTimeOffset? from = null,
        DateTimeOffset? to = null
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using var made = request.Create(
            authority,
            from ?? Now.AddDays(-1),
            to ?? Now.AddDays(1),
            RandomNumberGenerator.GetBytes(8)
        );
        var remoting = new RemotingOptions
        {
            Certificate = Write(name, made),
            CertificateKey = Path.Join(_folder.Root, $"{name}.key"),
        };
        File.WriteAllText(remoting.CertificateKey, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(remoting.CertificateKey, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return remoting;
    }

    private string Write(string name, params X509Certificate2[] certificates)
    {
        var file = Path.Join(_folder.Root, $"{name}.pem");
        File.WriteAllLines(file, certificates.Select(certificate => certificate.ExportCertificatePem()));
        return file;
    }
}
