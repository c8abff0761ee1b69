using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Akka.Remote.Transport.DotNetty;

namespace Recorder.Cluster.Hosting;

/// <summary>
/// The certificate by which the nodes of a farm know each other. Both ends of every connection between actor systems
/// show a certificate and prove that they have its key (mutual TLS). A farm may have an authority of its own that
/// signs its nodes' certificates (<see cref="FarmCertificate"/>). Otherwise exactly one key is accepted. A lone node
/// makes that key at its start and keeps it secret. The nodes of a farm derive the key from their shared secret.
/// </summary>
public static class RemotingCertificate
{
    /// <summary>The shortest accepted secret, in characters: 24 random bytes have 32 characters in base64.</summary>
    public const int LeastSecretLength = 32;

    /// <summary>The configuration that switches the certificate on.</summary>
    internal const string Hocon = """
        akka.remote.dot-netty.tcp.enable-ssl = on
        akka.remote.dot-netty.tcp.transport-class = "Recorder.Cluster.Hosting.SecuredTransport, Recorder.Cluster"
        """;

    private const int Rounds = 200_000;

    private static readonly byte[] Salt = Encoding.UTF8.GetBytes("edumeet-recorder remoting 1");

    // The order of the group of P-256, FIPS 186-4 D.1.2.3.
    private static readonly BigInteger Order = BigInteger.Parse(
        "0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
        System.Globalization.NumberStyles.AllowHexSpecifier,
        System.Globalization.CultureInfo.InvariantCulture
    );

    /// <summary>
    /// The TLS setup of a node's connections. Null when the connections are not secured: a farm whose nodes have no
    /// secret works as farms did before there were secrets.
    /// </summary>
    /// <param name="options">The configuration.</param>
    /// <param name="refused">Called for each connection that is refused for its key, with the other end's address if
    /// known. Called on any thread.</param>
    /// <exception cref="ArgumentException">The secret cannot be used (<see cref="Problems"/>).</exception>
    public static DotNettySslSetup? SetupFor(RecorderClusterOptions options, Action<string>? refused = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (HolderFor(options.Remoting, TimeProvider.System) is { } holder)
        {
            return SetupOf(holder, (peer, why) => refused?.Invoke(peer), TimeProvider.System);
        }
        if (options.Remoting.SecretFile.Length > 0)
        {
            return SetupOf(
                KeyOf(
                    SecretIn(options.Remoting.SecretFile, out var problem)
                        ?? throw new ArgumentException(problem, nameof(options))
                ),
                refused
            );
        }
        return IsAlone(options) ? SetupOf(ECDsa.Create(ECCurve.NamedCurves.nistP256), refused) : null;
    }

    /// <summary>Whether a node's connections to others are secured: by a lone node's own key, by the farm's secret, or
    /// by certificates.</summary>
    /// <param name="options">The configuration.</param>
    public static bool Secures(RecorderClusterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Remoting.SecretFile.Length > 0 || options.Remoting.Certificate.Length > 0 || IsAlone(options);
    }

    /// <summary>The problem with the secret, in a sentence with its solution; empty when there is no
    /// problem.</summary>
    /// <param name="remoting">The options that name the secret's file.</param>
    public static IEnumerable<string> Problems(RemotingOptions remoting)
    {
        ArgumentNullException.ThrowIfNull(remoting);
        var problems = new List<string>();
        _ = FarmCertificate.Read(remoting, TimeProvider.System.GetUtcNow(), problems);
        if (remoting.SecretFile.Length > 0 && SecretIn(remoting.SecretFile, out var problem) is null)
        {
            problems.Add(problem!);
        }
        return problems;
    }

    /// <summary>The holder of the node's certificate; null when the options name none.</summary>
    /// <param name="remoting">The options.</param>
    /// <param name="clock">The node's clock.</param>
    /// <exception cref="ArgumentException">The certificate cannot be used (<see cref="Problems"/>).</exception>
    internal static FarmCertificateHolder? HolderFor(RemotingOptions remoting, TimeProvider clock)
    {
        if (remoting.Certificate.Length == 0)
        {
            return null;
        }
        var problems = new List<string>();
        return FarmCertificate.Read(remoting, clock.GetUtcNow(), problems) is { } read
            ? new FarmCertificateHolder(read)
            : throw new ArgumentException(string.Join(" ", problems), nameof(remoting));
    }

    /// <summary>The TLS setup of a node with a certificate.</summary>
    /// <param name="holder">The present certificate.</param>
    /// <param name="refused">Called for each connection that is refused, with the other end as far as it is known, and
    /// with the reason.</param>
    /// <param name="clock">The node's clock.</param>
    internal static DotNettySslSetup SetupOf(
        FarmCertificateHolder holder,
        Action<string, string> refused,
        TimeProvider clock
    ) =>
        new(
            holder.Current.Own,
            suppressValidation: true,
            requireMutualAuthentication: true,
            customValidator: (shown, _, peer, _, _) =>
            {
                if (holder.Current.WhyRefused(shown, clock.GetUtcNow()) is not { } why)
                {
                    return true;
                }
                refused($"{peer}", why);
                return false;
            }
        );

    /// <summary>A risk of the secret that does not prevent the start, in a sentence with its solution.</summary>
    /// <param name="remoting">The options that name the secret's file.</param>
    public static IEnumerable<string> Warnings(RemotingOptions remoting)
    {
        ArgumentNullException.ThrowIfNull(remoting);
        if (remoting.SecretFile.Length == 0 || !IsReadByOthers(remoting.SecretFile))
        {
            return [];
        }
        return
        [
            $"Every user of this host can read the farm's secret in {remoting.SecretFile} and act as a node. Let only the node's user read the file: chmod o-r {remoting.SecretFile}",
        ];
    }

    /// <summary>
    /// Whether no other process may join this node, so that no other process needs its key. A node without seed nodes
    /// may be the seed of others if it has a PostgreSQL and an address that others reach.
    /// </summary>
    internal static bool IsAlone(RecorderClusterOptions options) =>
        string.IsNullOrWhiteSpace(options.SeedNodes)
        && (
            options.Database.ConnectionString.Length == 0 || FarmOptionsCheck.IsLoopback(options.Remoting.KnownHostname)
        );

    private static DotNettySslSetup SetupOf(ECDsa key, Action<string>? refused)
    {
        using (key)
        {
            // A process with the key belongs to the farm, whatever the rest of the certificate says. The certificate
            // has no real dates, because the clocks of hosts differ.
            var certificate = new CertificateRequest("CN=recorder", key, HashAlgorithmName.SHA256).CreateSelfSigned(
                DateTimeOffset.UnixEpoch,
                new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero)
            );
            var taken = certificate.PublicKey.ExportSubjectPublicKeyInfo();
            return new DotNettySslSetup(
                certificate,
                suppressValidation: true,
                requireMutualAuthentication: true,
                customValidator: (shown, _, peer, _, _) =>
                {
                    if (shown is not null && shown.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(taken))
                    {
                        return true;
                    }
                    refused?.Invoke($"{peer}");
                    return false;
                }
            );
        }
    }

    /// <summary>Derives the same key from the same secret on every node. Slow on purpose: a connecting process sees
    /// the public key and may try secrets against it.</summary>
    private static ECDsa KeyOf(string secret)
    {
        var bytes = Rfc2898DeriveBytes.Pbkdf2(secret, Salt, Rounds, HashAlgorithmName.SHA256, 48);
        var number = (new BigInteger(bytes, isUnsigned: true, isBigEndian: true) % (Order - 1)) + 1;
        var scalar = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return ECDsa.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = [.. new byte[32 - scalar.Length], .. scalar] }
        );
    }

    private static bool IsReadByOthers(string file)
    {
        try
        {
            return File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherRead);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? SecretIn(string file, out string? problem)
    {
        problem = null;
        string secret;
        try
        {
            secret = File.ReadLines(file).FirstOrDefault()?.Trim() ?? "";
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem =
                $"Remoting:SecretFile names {file}, which cannot be read: {error.Message.TrimEnd('.')}. Make a secret with: openssl rand -base64 32";
            return null;
        }

        if (secret.Length >= LeastSecretLength)
        {
            return secret;
        }
        problem =
            $"The first line of {file} (Remoting:SecretFile) has fewer than {LeastSecretLength} characters and could be guessed. Make a secret with: openssl rand -base64 32";
        return null;
    }
}
