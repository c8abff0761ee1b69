using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Recorder.Node.Configuration;

namespace Recorder.Node.Commands;

/// <summary><c>recorder farm certificates</c>: makes the farm's authority, and a certificate for each node. Needs no
/// running node.</summary>
internal static class FarmCertificatesCommand
{
    private const string Authority = "farm-authority";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const int AuthorityYears = 20;

    private static readonly Option<string> Folder = new("--folder")
    {
        Description = "The folder with the farm's authority, where new files go too.",
        DefaultValueFactory = _ => ".",
    };

    private static readonly Argument<string> Name = new("name")
    {
        Description =
            "The host name or address by which other nodes know the node (Remoting:Hostname or PublicHostname).",
    };

    private static readonly Option<string[]> Also = new("--also")
    {
        Description = "More names or addresses of the node.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Days = new("--days")
    {
        Description = "How long the certificate is valid, in days.",
        DefaultValueFactory = _ => 825,
    };

    /// <summary>The command with its two parts.</summary>
    public static Command Create()
    {
        var init = new Command("init", "Make the farm's authority: a certificate, and the key that signs the nodes'.")
        {
            Folder,
        };
        init.SetAction(
            (arguments, cancellation) =>
                RunAsync(
                    arguments,
                    output => InitAsync(arguments.GetRequiredValue(Folder), output, cancellation)
                )
        );
        var issue = new Command("issue", "Make a node's certificate and key, signed by the farm's authority.")
        {
            Name,
            Also,
            Days,
            Folder,
        };
        issue.SetAction(
            (arguments, cancellation) =>
                RunAsync(
                    arguments,
                    output =>
                        IssueAsync(
                            arguments.GetRequiredValue(Folder),
                            [arguments.GetRequiredValue(Name), .. arguments.GetValue(Also) ?? []],
                            arguments.GetValue(Days),
                            output,
                            cancellation
                        )
                )
        );
        return new Command("farm", "Prepare a farm.")
        {
            new Command("certificates", "Make the certificates by which the nodes of a farm know each other.")
            {
                init,
                issue,
            },
        };
    }

    private static async Task<int> RunAsync(ParseResult arguments, Func<TextWriter, Task> make)
    {
        try
        {
            await make(arguments.InvocationConfiguration.Output);
            return 0;
        }
        catch (StartRefusedException refusal)
        {
            await arguments.InvocationConfiguration.Error.WriteLineAsync($"recorder: {refusal.Message}");
            return RecorderCommandLine.StartRefused;
        }
    }

    private static async Task InitAsync(string folder, TextWriter output, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=recorder farm", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(AuthorityYears));
        var (shown, kept) = FilesOf(folder, Authority);
        await WriteAsync(kept, key.ExportPkcs8PrivateKeyPem(), Private, cancellation);
        await WriteAsync(shown, certificate.ExportCertificatePem(), Public, cancellation);
        await output.WriteLineAsync(
            $"{shown} goes to every node (Remoting:Authorities). {kept} signs nodes' certificates: keep the file where no node is, for whoever has the file can join the farm."
        );
    }

    private static async Task IssueAsync(
        string folder,
        string[] names,
        int days,
        TextWriter output,
        CancellationToken cancellation
    )
    {
        if (Array.Find(names, name => Uri.CheckHostName(name) == UriHostNameType.Unknown) is { } wrong)
        {
            throw new StartRefusedException($"\"{wrong}\" is neither a host name nor an address.");
        }
        if (days is < 1 or > 3_650)
        {
            throw new StartRefusedException($"--days is {days}; it must be between 1 and 3650.");
        }
        var (authorityFile, authorityKey) = FilesOf(folder, Authority);
        using var authority = Read(authorityFile, authorityKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));

        // A node is server and client: RFC 5280, 4.2.1.12.
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false)
        );
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }
        request.CertificateExtensions.Add(alternatives.Build());
        var now = TimeProvider.System.GetUtcNow();
        var until = now.AddDays(days);
        using var certificate = request.Create(
            authority,
            now.AddHours(-1),
            until < authority.NotAfter ? until : authority.NotAfter,
            RandomNumberGenerator.GetBytes(16)
        );
        var (shown, kept) = FilesOf(folder, names[0].Replace(':', '-'));
        await WriteAsync(kept, key.ExportPkcs8PrivateKeyPem(), Private, cancellation);
        await WriteAsync(shown, certificate.ExportCertificatePem(), Public, cancellation);
        await output.WriteLineAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{shown} (Remoting:Certificate) and {kept} (Remoting:CertificateKey) go to the node {names[0]} alone; valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}."
            )
        );
    }

    private static X509Certificate2 Read(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartRefusedException(
                $"The farm's authority cannot be read from {certificate} and {key}: {error.Message.TrimEnd('.')}. Make an authority with: recorder farm certificates init"
            );
        }
    }

    private static (string Certificate, string Key) FilesOf(string folder, string name) =>
        (Path.Join(folder, $"{name}.pem"), Path.Join(folder, $"{name}.key"));

    /// <summary>Writes a new file. A renewed certificate goes to another folder first, since two files cannot be
    /// replaced at one moment.</summary>
    private static async Task WriteAsync(string file, string text, UnixFileMode mode, CancellationToken cancellation)
    {
        try
        {
            await using var stream = new FileStream(
                file,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = mode,
                }
            );
            await using var writer = new StreamWriter(stream);
            await writer.WriteAsync(text.AsMemory(), cancellation);
            await writer.WriteLineAsync();
        }
        catch (IOException) when (File.Exists(file))
        {
            throw new StartRefusedException(
                $"{file} is there already. Move the file away, or name another folder with --folder."
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{file} cannot be written: {error.Message}");
        }
    }
}
