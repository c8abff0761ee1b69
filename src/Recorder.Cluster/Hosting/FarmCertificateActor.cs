using System.Security.Cryptography;
using Akka.Actor;
using Akka.Event;

namespace Recorder.Cluster.Hosting;

/// <summary>Reads the files of the node's certificate again when they have changed, so that a certificate is renewed
/// without a stop. Files that cannot be used change nothing, and the log says why.</summary>
internal sealed class FarmCertificateActor : ReceiveActor, IWithTimers
{
    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>From when on the end of the certificate is warned of, once a day.</summary>
    private static readonly TimeSpan Warned = TimeSpan.FromDays(30);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly FarmCertificateHolder _holder;
    private readonly TimeProvider _clock;
    private readonly RemotingOptions _remoting;
    private string _mark;

    /// <param name="holder">The present certificate.</param>
    /// <param name="remoting">The options, with the names of the files.</param>
    /// <param name="clock">The node's clock.</param>
    public FarmCertificateActor(FarmCertificateHolder holder, RemotingOptions remoting, TimeProvider clock)
    {
        (_holder, _remoting, _clock) = (holder, remoting, clock);
        _mark = Mark();
        Receive<WarningDue>(_ => Warn());
        Receive<LookDue>(_ =>
        {
            var mark = Mark();
            if (mark == _mark)
            {
                return;
            }
            _mark = mark;
            var problems = new List<string>();
            if (FarmCertificate.Read(_remoting, clock.GetUtcNow(), problems) is { } next)
            {
                holder.Replace(next);
                _log.Info(
                    "The certificate of {0}, valid until {1:yyyy-MM-dd}, is shown to other nodes from now on.",
                    next.Own.Subject,
                    next.Own.NotAfter.ToUniversalTime()
                );
            }
            foreach (var problem in problems)
            {
                _log.Warning("{0} The node goes on with the certificate that it has.", problem);
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(LookDue), LookDue.Instance, Interval);
        Timers.StartPeriodicTimer(nameof(WarningDue), new WarningDue(), TimeSpan.FromDays(1));
        Warn();
    }

    private void Warn()
    {
        var end = _holder.Current.Own.NotAfter.ToUniversalTime();
        if (end - _clock.GetUtcNow().UtcDateTime < Warned)
        {
            _log.Warning(
                "The certificate of this node ends at {0:yyyy-MM-dd HH:mm} UTC, and other nodes refuse it from then on. Make another with: recorder farm certificates issue {1}",
                end,
                _remoting.KnownHostname
            );
        }
    }

    /// <summary>A mark of what the files hold. Their times say nothing where the files are links whose target is
    /// switched, as in Kubernetes.</summary>
    private string Mark()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (
            var file in new[] { _remoting.Certificate, _remoting.CertificateKey, _remoting.Authorities }.Where(file =>
                file.Length > 0
            )
        )
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

    private sealed record WarningDue;

    /// <summary>Time to look.</summary>
    internal sealed class LookDue
    {
        public static LookDue Instance { get; } = new();
    }
}
