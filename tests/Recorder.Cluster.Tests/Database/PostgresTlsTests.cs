using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using Recorder.Cluster.Database;

namespace Recorder.Cluster.Tests.Database;

/// <summary>Connections to a database on another machine are encrypted, and the server proves who it is.</summary>
[Trait("ring", "actor")]
public sealed class PostgresTlsTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Host=127.0.0.1", SslMode.Prefer)]
    [InlineData("Host=::1", SslMode.Prefer)]
    [InlineData("Host=localhost", SslMode.Prefer)]
    [InlineData("Host=/run/postgresql", SslMode.Prefer)]
    [InlineData("Host=db.example.org", SslMode.VerifyFull)]
    [InlineData("Host=10.0.0.9", SslMode.VerifyFull)]
    [InlineData("Host=localhost,10.0.0.9", SslMode.VerifyFull)]
    [InlineData("Host=db1.example.org:5433,db2.example.org", SslMode.VerifyFull)]
    [InlineData("Host=10.0.0.9;SSL Mode=Disable", SslMode.Disable)]
    [InlineData("Host=10.0.0.9;SslMode=Prefer", SslMode.Prefer)]
    [InlineData("Host=10.0.0.9;sslmode=require", SslMode.Require)]
    [InlineData("Host=127.0.0.1;SSL Mode=VerifyFull", SslMode.VerifyFull)]
    public void Beyond_this_machine_the_server_is_verified_unless_the_connection_string_says_otherwise(
        string given,
        SslMode mode
    )
    {
        var options = new DatabaseOptions { ConnectionString = given };

        Assert.Equal(mode, new NpgsqlConnectionStringBuilder(PostgresConnection.Of(options)).SslMode);
        Assert.Equal(mode, new NpgsqlConnectionStringBuilder(PostgresConnection.ForJournal(options, "a:1")).SslMode);
    }

    [Theory]
    [InlineData("none", "takes no encrypted connections", "SSL Mode=Disable")]
    [InlineData("expired", "shows a certificate that expired at", "this machine's clock says")]
    [InlineData("early", "shows a certificate that is valid from", "this machine's clock says")]
    [InlineData("other", "which is not for the name 127.0.0.1", "give the server a certificate for that name")]
    [InlineData("stranger", "whose authority this machine does not trust", "Root Certificate=/path/of/authority.pem")]
    public async Task A_server_that_cannot_be_trusted_is_a_sentence_with_the_ways_out(
        string kind,
        string words,
        string wayOut
    )
    {
        using var authority = Authority();
        using var shown = kind switch
        {
            "none" => null,
            "expired" => Issue(authority, IPAddress.Loopback, Now.AddDays(-9), Now.AddDays(-1)),
            "early" => Issue(authority, IPAddress.Loopback, Now.AddDays(1), Now.AddDays(9)),
            "other" => Issue(authority, IPAddress.Parse("192.0.2.9"), Now.AddDays(-1), Now.AddDays(9)),
            _ => Issue(authority, IPAddress.Loopback, Now.AddDays(-1), Now.AddDays(9)),
        };
        var trusted = Path.Join(_folder.Root, "authority.pem");
        await File.WriteAllTextAsync(trusted, authority.ExportCertificatePem());
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var serving = ServeAsync(server, shown);
        var root = kind == "stranger" ? "" : $";Root Certificate={trusted}";
        var options = new DatabaseOptions
        {
            ConnectionString = string.Create(
                CultureInfo.InvariantCulture,
                $"Host=127.0.0.1;Port={((IPEndPoint)server.LocalEndpoint).Port};Database=r;Username=r;SSL Mode=VerifyFull;Timeout=15{root}"
            ),
        };

        var refusal = await Assert.ThrowsAsync<DatabaseUnusableException>(() =>
            PostgresConnection.PrepareAsync(options, CancellationToken.None)
        );

        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(wayOut, refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.MayPass);
        server.Stop();
        await serving.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>A PostgreSQL up to its answer to the wish for TLS.</summary>
    private static async Task ServeAsync(TcpListener server, X509Certificate2? certificate)
    {
        while (true)
        {
            try
            {
                using var caller = await server.AcceptTcpClientAsync();
                await using var stream = caller.GetStream();
                var wish = new byte[8];
                await stream.ReadExactlyAsync(wish);
                await stream.WriteAsync(certificate is null ? "N"u8.ToArray() : "S"u8.ToArray());
                if (certificate is not null)
                {
                    await using var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(certificate);
                    _ = await tls.ReadAtLeastAsync(wish, 1, throwOnEndOfStream: false);
                }
            }
            catch (Exception error)
                when (error is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The test has stopped the server.
                return;
            }
            catch (Exception error) when (error is IOException or AuthenticationException)
            {
                // The caller does not trust the certificate.
            }
        }
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-20), Now.AddDays(20));
    }

    private static X509Certificate2 Issue(
        X509Certificate2 authority,
        IPAddress address,
        DateTimeOffset from,
        DateTimeOffset to
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=database", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(8));
        using var whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }
}
