using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>nginx with WebDAV, for one user, with and without TLS by an authority of its own.</summary>
public sealed class DavServer : IAsyncLifetime
{
    private PeerProcess? _process;

    public int Port { get; } = LoopbackPort.Free();

    public int SecurePort { get; } = LoopbackPort.Free();

    /// <summary>The folder of the server's files and settings.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("recorder-nginx-").FullName;

    /// <summary>The certificate of the authority.</summary>
    public string Authority => Path.Join(Root, "ca.pem");

    /// <summary>The folder of the user's files.</summary>
    public string Files => Path.Join(Root, "files");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Files);
        WriteCertificates();

        // nginx knows a password in clear text by this mark.
        await File.WriteAllTextAsync(Path.Join(Root, "users"), "recorder:{PLAIN}the-password\n");
        var configuration = Path.Join(Root, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration());
        _process = await PeerProcess.StartAsync(
            Port,
            "/usr/sbin/nginx",
            "-p",
            Root,
            "-c",
            configuration,
            "-e",
            Path.Join(Root, "error.log")
        );
    }

    public Task DisposeAsync()
    {
        _process?.Dispose();
        Directory.Delete(Root, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A destination on this server.</summary>
    /// <param name="path">The folder below the user's files.</param>
    /// <param name="port">Another port, as of a proxy; null: the server's own.</param>
    internal DestinationOptions Options(string path, int? port = null) =>
        new()
        {
            Kind = DestinationKind.WebDav,
            Endpoint = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port ?? Port}/"),
            Path = path,
            User = "recorder",
            Secret = "the-password",
            Timeout = TimeSpan.FromSeconds(30),
        };

    private void WriteCertificates()
    {
        using var authority = new PrivateAuthority();
        using var own = authority.Issue();
        using var key = own.GetECDsaPrivateKey()!;
        File.WriteAllText(Authority, authority.Certificate.ExportCertificatePem());
        File.WriteAllText(Path.Join(Root, "own.pem"), own.ExportCertificatePem());
        File.WriteAllText(Path.Join(Root, "own.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private string Configuration() =>
        $$"""
            load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
            daemon off;
            master_process off;
            pid {{Root}}/nginx.pid;
            error_log {{Root}}/error.log;
            events { }
            http {
                access_log off;
                client_body_temp_path {{Root}}/body;
                proxy_temp_path {{Root}}/proxy;
                fastcgi_temp_path {{Root}}/fastcgi;
                uwsgi_temp_path {{Root}}/uwsgi;
                scgi_temp_path {{Root}}/scgi;
                server {
                    listen 127.0.0.1:{{Port}};
                    listen 127.0.0.1:{{SecurePort}} ssl;
                    ssl_certificate {{Root}}/own.pem;
                    ssl_certificate_key {{Root}}/own.key;
                    root {{Files}};
                    client_max_body_size 15m;
                    auth_basic "records";
                    auth_basic_user_file {{Root}}/users;
                    dav_methods PUT DELETE MKCOL MOVE;
                    dav_ext_methods PROPFIND;
                }
            }

            """;
}
