using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Tls;

[Trait("ring", "actor")]
public sealed class ServerCertificateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-tls-");

    private string CertificateFile => Path.Combine(_folder.FullName, "certificate.pem");

    private string KeyFile => Path.Combine(_folder.FullName, "key.pem");

    private HttpOptions Options =>
        new()
        {
            Listen = "https://127.0.0.1:0",
            Certificate = CertificateFile,
            CertificateKey = KeyFile,
        };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Callers_of_an_https_address_see_the_certificate_and_after_its_file_has_changed_the_new_one()
    {
        Write("first.example.org");
        await using var edge = await EdgeFixture.StartAsync(
            options =>
            {
                options.Listen = "https://127.0.0.1:0";
                options.Certificate = CertificateFile;
                options.CertificateKey = KeyFile;
            },
            services: services => services.AddSingleton<TimeProvider>(new HastyClock())
        );
        Assert.Equal("CN=first.example.org", await SubjectAsync(edge.Address));

        // A certificate that cannot be used changes nothing.
        File.WriteAllText(CertificateFile, "nonsense");
        await edge.Log.SeeAsync("cannot be used");
        Assert.Equal("CN=first.example.org", await SubjectAsync(edge.Address));

        Write("second.example.org");
        await edge.Log.SeeAsync("CN=second.example.org");
        Assert.Equal("CN=second.example.org", await SubjectAsync(edge.Address));
    }

    [Fact]
    public async Task A_certificate_behind_a_link_whose_target_is_switched_is_seen()
    {
        // As Kubernetes renews a mounted secret.
        Write("first.example.org");
        var (certificate, key) = (Path.Combine(_folder.FullName, "tls.crt"), Path.Combine(_folder.FullName, "tls.key"));
        var data = Path.Combine(_folder.FullName, "..data");
        Move("one");
        Directory.CreateSymbolicLink(data, Path.Combine(_folder.FullName, "one"));
        File.CreateSymbolicLink(certificate, "..data/certificate.pem");
        File.CreateSymbolicLink(key, "..data/key.pem");
        await using var edge = await EdgeFixture.StartAsync(
            options =>
            {
                options.Listen = "https://127.0.0.1:0";
                (options.Certificate, options.CertificateKey) = (certificate, key);
            },
            services: services => services.AddSingleton<TimeProvider>(new HastyClock())
        );
        Assert.Equal("CN=first.example.org", await SubjectAsync(edge.Address));

        Write("second.example.org");
        Move("two");
        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, Path.Combine(_folder.FullName, "two"));
        await edge.Log.SeeAsync("CN=second.example.org");

        Assert.Equal("CN=second.example.org", await SubjectAsync(edge.Address));

        void Move(string to)
        {
            Directory.CreateDirectory(Path.Combine(_folder.FullName, to));
            File.Move(CertificateFile, Path.Combine(_folder.FullName, to, "certificate.pem"));
            File.Move(KeyFile, Path.Combine(_folder.FullName, to, "key.pem"));
        }
    }

    [Fact]
    public void A_certificate_without_https_and_https_without_a_certificate_are_refused()
    {
        Write("example.org");
        Assert.Equal(
            "Http:Certificate is given, and no address of Http:Listen begins with https://; the node would answer without encryption.",
            Assert.Single(
                HttpOptionsCheck.Problems(
                    new HttpOptions { Certificate = CertificateFile, CertificateKey = KeyFile }
                )
            )
        );
        Assert.Equal(
            "Http:Listen has an https address, and there is no certificate; give Http:Certificate and Http:CertificateKey.",
            Assert.Single(HttpOptionsCheck.Problems(new HttpOptions { Listen = "https://127.0.0.1:1" }))
        );
        Assert.Empty(HttpOptionsCheck.Problems(Options));
    }

    [Theory]
    [InlineData(-20, -10, "expired at")]
    [InlineData(10, 20, "is valid from")]
    public void A_certificate_outside_of_its_time_is_refused_with_the_clocks_time(int from, int to, string told)
    {
        Write("example.org", from, to);

        var problem = Assert.Single(HttpOptionsCheck.Problems(Options));

        Assert.StartsWith($"The certificate in {CertificateFile} {told}", problem, StringComparison.Ordinal);
        Assert.Contains("this machine's clock says", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_every_user_can_read_is_refused()
    {
        Write("example.org");
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.Equal(
            $"Every user of this machine can read the key in {KeyFile}; take that right away with chmod o-r.",
            Assert.Single(HttpOptionsCheck.Problems(Options))
        );
    }

    [Fact]
    public void A_key_of_another_certificate_and_a_file_that_is_not_there_are_told()
    {
        Write("example.org");
        using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            File.WriteAllText(KeyFile, other.ExportPkcs8PrivateKeyPem());
        }
        Assert.Contains("cannot be used", Assert.Single(HttpOptionsCheck.Problems(Options)), StringComparison.Ordinal);

        File.Delete(KeyFile);
        Assert.Contains(KeyFile, Assert.Single(HttpOptionsCheck.Problems(Options)), StringComparison.Ordinal);
    }

    /// <summary>A clock whose timers are due 200 times as early.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Early(dueTime), Early(period));

        private static TimeSpan Early(TimeSpan time) => time > TimeSpan.Zero ? time / 200 : time;
    }

    private static async Task<string> SubjectAsync(string address)
    {
        var uri = new Uri(address);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(uri.Host, uri.Port);
        await using var tls = new SslStream(client.GetStream(), false, (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync("example.org");
        return tls.RemoteCertificate!.Subject;
    }

    /// <summary>Writes a certificate with its key, valid from and to some days from now.</summary>
    private void Write(string name, int from = -1, int to = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            now.AddDays(from),
            now.AddDays(to)
        );
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
    }
}
