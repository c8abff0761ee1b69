using System.Net.Security;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Recorder.Http.Settings;

namespace Recorder.Http.Tls;

/// <summary>
/// Keeps the certificate of the https addresses, and reads the certificate again when its files have changed.
/// Connections that are there go on with the certificate they began with.
/// </summary>
internal sealed class CertificateWatch(HttpOptions options, TimeProvider clock, ILogger<CertificateWatch> log)
    : BackgroundService
{
    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private volatile SslStreamCertificateContext? _current;
    private string _mark = "";

    /// <summary>The certificate for a connection that begins now.</summary>
    /// <exception cref="InvalidOperationException">The files cannot be used, and have never been.</exception>
    public SslStreamCertificateContext Current
    {
        get
        {
            if (_current is null)
            {
                ReadAgain();
            }
            return _current ?? throw new InvalidOperationException("The certificate of Http:Certificate cannot be used.");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!ServerCertificate.IsNeeded(options))
        {
            return;
        }
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Mark() != _mark)
            {
                ReadAgain();
            }
        }
    }

    private void ReadAgain()
    {
        var mark = Mark();
        var problems = new List<string>();
        var read = ServerCertificate.Read(options, clock.GetUtcNow(), problems);
        if (read is not null)
        {
            _current = read;
            log.LogInformation(
                "The certificate of {Subject}, valid until {End:yyyy-MM-dd}, is shown to callers from now on",
                read.TargetCertificate.Subject,
                read.TargetCertificate.NotAfter.ToUniversalTime()
            );
        }
        foreach (var problem in problems)
        {
            log.LogWarning("{Problem} The node goes on with the certificate that it has.", problem);
        }
        _mark = mark;
    }

    /// <summary>A mark of what the files hold. Their times say nothing where they are links whose target is switched,
    /// as in Kubernetes.</summary>
    private string Mark()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in new[] { options.Certificate, options.CertificateKey }.Where(file => file.Length > 0))
        {
            try
            {
                hash.AppendData(File.ReadAllBytes(file));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                hash.AppendData("-"u8);
            }
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
