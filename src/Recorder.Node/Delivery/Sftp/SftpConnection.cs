using System.Net.Sockets;
using Recorder.Node.Delivery.Transfer;
using Renci.SshNet;
using Renci.SshNet.Common;
using ConnectionInfo = Renci.SshNet.ConnectionInfo;

namespace Recorder.Node.Delivery.Sftp;

/// <summary>How a node signs in to an SSH server. The server is known by the fingerprint of its host key.</summary>
/// <param name="destination">The destination's name, for messages.</param>
/// <param name="options">The destination.</param>
internal sealed class SftpConnection(string destination, DestinationOptions options)
{
    private string? _refused;

    /// <summary>The fingerprints that an option names.</summary>
    /// <param name="hostKey">The option.</param>
    public static IEnumerable<string> FingerprintsOf(string hostKey) =>
        Words(hostKey)
            .Select(print =>
                (print.StartsWith("SHA256:", StringComparison.Ordinal) ? print["SHA256:".Length..] : print).TrimEnd('=')
            );

    /// <summary>Signs a client in.</summary>
    /// <typeparam name="T">The kind of the client.</typeparam>
    /// <param name="make">Makes the client.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <exception cref="TransferFailure">The server is not there, is another one, or refuses the user.</exception>
    public async Task<T> OpenAsync<T>(Func<ConnectionInfo, T> make, Pace pace)
        where T : BaseClient
    {
        var client = make(Information());
        try
        {
            client.HostKeyReceived += (_, shown) => shown.CanTrust = IsKnown(shown);
            client.KeepAliveInterval = options.Timeout / 2;
            await client.ConnectAsync(pace.Token);
            pace.SignOfLife();
            return client;
        }
        catch (Exception error)
        {
            client.Dispose();
            if (error is SshException or SocketException or IOException)
            {
                throw Failure(error);
            }
            throw;
        }
    }

    /// <summary>What a failure of the client means.</summary>
    /// <param name="error">The failure.</param>
    public TransferFailure Failure(Exception error)
    {
        var told = error switch
        {
            _ when _refused is not null =>
                $"the server shows the host key {_refused}, which Destinations:{destination}:HostKey does not name. Compare with what ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub prints on the server. Set HostKey only if they are the same; otherwise somebody stands between.",
            SshAuthenticationException =>
                $"the server refuses the user {options.User}: {error.Message} Set Destinations:{destination}:KeyFile, or SecretFile with the password.",
            SftpPermissionDeniedException =>
                $"the user {options.User} may not write there. Give the user the right to write into {Folder}.",
            SftpPathNotFoundException => $"the folder {Folder} is not there. Make the folder, or set another Path.",
            SftpException or SshException { Message: "Failure" } =>
                $"the server answered \"{error.Message}\". A full disk or a used-up quota is told so.",
            _ => $"the connection failed: {error.GetBaseException().Message}",
        };
        return new TransferFailure($"Destination {destination}: {told}", mayPass: true, error);
    }

    private string Folder => options.Path.Length == 0 ? "of the user's home" : options.Path;

    private bool IsKnown(HostKeyEventArgs shown)
    {
        var print = shown.FingerPrintSHA256.TrimEnd('=');
        var known = FingerprintsOf(options.HostKey).Contains(print, StringComparer.Ordinal);
        _refused = known ? null : $"SHA256:{print} ({shown.HostKeyName})";
        return known;
    }

    private ConnectionInfo Information()
    {
        var secret = SecretText.Read(destination, options);
        AuthenticationMethod method;
        if (options.KeyFile.Length > 0)
        {
            try
            {
                var key =
                    secret.Length > 0
                        ? new PrivateKeyFile(options.KeyFile, secret)
                        : new PrivateKeyFile(options.KeyFile);
                method = new PrivateKeyAuthenticationMethod(options.User, key);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or SshException)
            {
                throw new TransferFailure(
                    $"Destinations:{destination}:KeyFile: {options.KeyFile} cannot be read as a private key: {error.Message}",
                    mayPass: true,
                    error
                );
            }
        }
        else
        {
            method = new PasswordAuthenticationMethod(options.User, secret);
        }
        var server = new Uri(options.Endpoint);
        var port = server.Port > 0 ? server.Port : 22;
        var proxy = options.Proxy.Length > 0 ? new Uri(options.Proxy) : null;
        return new ConnectionInfo(
            server.DnsSafeHost,
            port,
            options.User,
            proxy is null ? ProxyTypes.None : ProxyTypes.Http,
            proxy?.DnsSafeHost ?? "",
            proxy?.Port ?? 0,
            "",
            "",
            method
        )
        {
            Timeout = options.Timeout,
        };
    }

    private static string[] Words(string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
