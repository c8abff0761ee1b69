using System.Globalization;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>OpenSSH's own server, as the user of the tests, with keys of its own.</summary>
public sealed class SshServer : IAsyncLifetime
{
    private PeerProcess? _process;

    public int Port { get; private set; }

    /// <summary>The fingerprint of the server's host key.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>The folder of the keys.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("recorder-sshd-").FullName;

    public async Task InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory("/run/sshd");
        }
        foreach (var key in new[] { "host", "user", "stranger" })
        {
            await ToolRun.OutputOfAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Join(Root, key));
        }
        Port = LoopbackPort.Free();
        await File.WriteAllTextAsync(
            Path.Join(Root, "sshd.conf"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                Port {Port}
                ListenAddress 127.0.0.1
                HostKey {Root}/host
                AuthorizedKeysFile {Root}/user.pub
                PidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                PermitRootLogin yes
                MaxStartups 100
                Subsystem sftp internal-sftp

                """
            )
        );
        var print = await ToolRun.OutputOfAsync("ssh-keygen", "-lf", Path.Join(Root, "host.pub"));
        Fingerprint = print.Split(' ')[1];
        _process = await PeerProcess.StartAsync(
            Port,
            "/usr/sbin/sshd",
            "-D",
            "-e",
            "-f",
            Path.Join(Root, "sshd.conf")
        );
    }

    public Task DisposeAsync()
    {
        _process?.Dispose();
        Directory.Delete(Root, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A destination on this server.</summary>
    /// <param name="folder">Where the records go.</param>
    /// <param name="port">Another port, as of a proxy; null: the server's own.</param>
    internal DestinationOptions Options(string folder, int? port = null) =>
        new()
        {
            Kind = DestinationKind.Sftp,
            Endpoint = string.Create(CultureInfo.InvariantCulture, $"sftp://127.0.0.1:{port ?? Port}"),
            User = Environment.UserName,
            KeyFile = Path.Join(Root, "user"),
            HostKey = Fingerprint,
            Path = folder,
            Timeout = TimeSpan.FromSeconds(20),
        };
}
