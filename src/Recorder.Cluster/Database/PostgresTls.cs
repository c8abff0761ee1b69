using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace Recorder.Cluster.Database;

/// <summary>Whether connections to PostgreSQL are to be encrypted, and why an encryption did not come about.</summary>
internal static class PostgresTls
{
    private const string InClear =
        "Where nobody else can listen between the node and the server, add SSL Mode=Disable to Database:ConnectionString.";

    /// <summary>Whether connections leave this machine, so that others could read them or answer in the server's
    /// place.</summary>
    public static bool LeavesThisMachine(NpgsqlConnectionStringBuilder given) =>
        (given.Host ?? "").Split(',', StringSplitOptions.TrimEntries).Any(host => !IsThisMachine(host));

    /// <summary>Whether a connection failed for its encryption.</summary>
    /// <param name="given">The connection.</param>
    /// <param name="error">The failure.</param>
    public static bool IsAtFault(NpgsqlConnectionStringBuilder given, NpgsqlException error) =>
        given.SslMode is SslMode.Require or SslMode.VerifyCA or SslMode.VerifyFull
        && (error.InnerException is AuthenticationException || IsWithoutTls(error));

    /// <summary>Why a connection could not be encrypted or the server not be trusted: the rest of a sentence about the
    /// database, with the ways out.</summary>
    /// <param name="given">The connection.</param>
    /// <param name="error">The failure.</param>
    /// <param name="now">The time of this machine.</param>
    /// <param name="cancellation">Ends the look at the server's certificate.</param>
    public static async Task<string> WhyNotTrustedAsync(
        NpgsqlConnectionStringBuilder given,
        NpgsqlException error,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (IsWithoutTls(error))
        {
            return $"takes no encrypted connections, and connections to another machine are encrypted unless the connection string says otherwise. Turn TLS on at the server (ssl = on, with ssl_cert_file and ssl_key_file). {InClear}";
        }
        if (await ShownAsync(given, cancellation) is not { } shown)
        {
            return $"and this node agree on no encryption: {(error.InnerException ?? error).Message.TrimEnd('.')}.";
        }
        var clock = $"this machine's clock says {Time(now.UtcDateTime)}";
        return now.UtcDateTime > shown.To
                ? $"shows a certificate that expired at {Time(shown.To)}; {clock}. Renew the certificate at the server, or set this machine's clock."
            : now.UtcDateTime < shown.From
                ? $"shows a certificate that is valid from {Time(shown.From)} on; {clock}. Set the clock that is wrong, or renew the certificate."
            : shown.Errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                ? $"shows the certificate of {shown.Subject}, which is not for the name {given.Host}. Name the server in Database:ConnectionString as its certificate does, or give the server a certificate for that name."
            : $"shows the certificate of {shown.Subject}, whose authority this machine does not trust. Add Root Certificate=/path/of/authority.pem to Database:ConnectionString. {InClear}";
    }

    /// <summary>The server answers the wish for TLS with "no", and Npgsql says so in words of its own.</summary>
    private static bool IsWithoutTls(NpgsqlException error) =>
        error.InnerException is null && error.Message.Contains("SSL", StringComparison.Ordinal);

    /// <summary>The certificate that the server shows. Npgsql's own failure does not tell of the certificate, so a
    /// second connection looks at it, and goes no further.</summary>
    private static async Task<Shown?> ShownAsync(
        NpgsqlConnectionStringBuilder given,
        CancellationToken cancellation
    )
    {
        Shown? shown = null;
        var look = new NpgsqlConnectionStringBuilder(given.ToString())
        {
            SslMode = SslMode.Require,
            RootCertificate = null,
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(look.ToString())
        {
            SslClientAuthenticationOptionsCallback = options =>
                options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    if (certificate is X509Certificate2 read)
                    {
                        var (from, to) = (read.NotBefore.ToUniversalTime(), read.NotAfter.ToUniversalTime());
                        shown = new Shown(read.Subject, from, to, errors);
                    }
                    return false;
                },
        };
        try
        {
            await connection.OpenAsync(cancellation);
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or TimeoutException)
        {
            // The certificate was refused, as it was before.
        }
        return shown;
    }

    private static bool IsThisMachine(string host)
    {
        // A host that begins with a slash or @ is the folder of a Unix socket.
        if (host.Length == 0 || host[0] is '/' or '@' || host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }
        var name = host.StartsWith('[') ? host[1..].Split(']')[0]
            : host.Count(letter => letter == ':') == 1 ? host.Split(':')[0]
            : host;
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private sealed record Shown(string Subject, DateTime From, DateTime To, SslPolicyErrors Errors);
}
