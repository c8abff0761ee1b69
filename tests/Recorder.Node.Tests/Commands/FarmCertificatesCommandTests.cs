using System.Security.Cryptography.X509Certificates;
using Recorder.Cluster.Hosting;

namespace Recorder.Node.Tests.Commands;

/// <summary><c>recorder farm certificates</c>, as the program runs it.</summary>
[Trait("ring", "media")]
public sealed class FarmCertificatesCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-certificates-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_it_makes_lets_a_node_start_and_no_other_user_reads_the_keys()
    {
        Assert.Equal(0, (await RunAsync("init")).Code);
        Assert.Equal(0, (await RunAsync("issue", "10.0.0.1", "--also", "recorder-1.example", "fd00::1")).Code);

        foreach (var known in new[] { "10.0.0.1", "recorder-1.example", "fd00::1" })
        {
            var remoting = new RemotingOptions
            {
                Hostname = known,
                Certificate = FileOf("10.0.0.1.pem"),
                CertificateKey = FileOf("10.0.0.1.key"),
                Authorities = FileOf("farm-authority.pem"),
            };
            Assert.Empty(RemotingCertificate.Problems(remoting));
        }
        foreach (var key in new[] { "farm-authority.key", "10.0.0.1.key" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileOf(key)));
        }
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(FileOf("10.0.0.1.pem"));
        Assert.InRange((certificate.NotAfter - certificate.NotBefore).TotalDays, 824, 826);
    }

    [Fact]
    public async Task What_cannot_be_made_is_told_and_nothing_is_overwritten()
    {
        var (code, errors) = await RunAsync("issue", "10.0.0.1");
        Assert.Equal(2, code);
        Assert.Contains("recorder farm certificates init", errors, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync("init")).Code);
        var authority = await File.ReadAllTextAsync(FileOf("farm-authority.pem"));
        (code, errors) = await RunAsync("init");
        Assert.Equal(2, code);
        Assert.Contains("is there already", errors, StringComparison.Ordinal);
        Assert.Equal(authority, await File.ReadAllTextAsync(FileOf("farm-authority.pem")));

        (code, errors) = await RunAsync("issue", "../a");
        Assert.Equal(2, code);
        Assert.Contains("neither a host name nor an address", errors, StringComparison.Ordinal);
    }

    private string FileOf(string name) => Path.Join(_folder, name);

    private async Task<(int Code, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = NodeProcess.Start(_folder, ["farm", "certificates", .. arguments]);
        return (await process.ExitedAsync(), process.Errors);
    }
}
