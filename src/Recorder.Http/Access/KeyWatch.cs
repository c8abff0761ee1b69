using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Telemetry;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>
/// Keeps the keys that this node knows, and reads them again when a file with keys has changed. A file with a mistake
/// changes nothing: the node goes on with the keys that it has, and says so.
/// </summary>
internal sealed class KeyWatch : BackgroundService
{
    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly HttpOptions _options;
    private readonly ApiKey? _local;
    private readonly TimeProvider _clock;
    private readonly ILogger<KeyWatch> _log;
    private readonly Action<KeysRead>? _tell;
    private volatile ApiKeyRing _current;
    private volatile string? _problem;
    private IReadOnlyList<string> _files;
    private string _mark;

    /// <summary>Reads the keys. Mistakes that are there already have kept the node from starting
    /// (<see cref="HttpOptionsCheck"/>).</summary>
    /// <param name="options">The options.</param>
    /// <param name="local">The node's own key.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="tell">Tells of each reading while the node runs.</param>
    public KeyWatch(
        HttpOptions options,
        LocalKey? local,
        TimeProvider clock,
        ILogger<KeyWatch> log,
        Action<KeysRead>? tell = null
    )
    {
        (_options, _clock, _log, _tell) = (options, clock, log, tell);
        _local = local is null
            ? null
            : new ApiKey(LocalKey.Name, ApiScope.Admin, ApiKeyRing.HashOf(local.Text)) { Owner = null };
        var read = KeyReader.Read(options);
        _files = read.Files;
        _mark = Mark(_files);
        _current = RingOf(read);
        Warn(read);
    }

    /// <summary>The keys that are in effect.</summary>
    public ApiKeyRing Current => _current;

    /// <summary>Why the newest content of the files is not in effect, in sentences; null when it is.</summary>
    public string? Problem => _problem;

    /// <summary>Reads the files again if one of them has changed.</summary>
    public void Look()
    {
        var mark = Mark(_files);
        if (mark == _mark)
        {
            return;
        }
        var read = KeyReader.Read(_options);
        _files = read.Files;
        _mark = Mark(_files);
        if (read.Problems.Count > 0)
        {
            _problem = $"{string.Join(' ', read.Problems)} The node goes on with the API keys that it has.";
            _log.LogError("{Problem}", _problem);
            _tell?.Invoke(new KeysRead(Stale: true));
            return;
        }
        _problem = null;
        _current = RingOf(read);
        Warn(read);
        _tell?.Invoke(new KeysRead(Stale: false));
        _log.LogInformation(
            "The API keys were read again: {Names}",
            string.Join(", ", read.Keys.Select(key => key.Name))
        );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _tell?.Invoke(new KeysRead(Stale: false));
        if (_files.Count == 0)
        {
            return;
        }
        using var timer = new PeriodicTimer(Interval, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private ApiKeyRing RingOf(KeyReader read) => new(read.Keys, _local, _options.KeylessLoopback);

    private void Warn(KeyReader read)
    {
        foreach (var warning in read.Warnings)
        {
            _log.LogWarning("{Warning}", warning);
        }
        var now = _clock.GetUtcNow();
        foreach (var ended in read.Keys.Where(key => key.WhyEnded(now) is not null))
        {
            _log.LogWarning("The API key of {Name} is no longer good since {End:yyyy-MM-dd HH:mm} UTC", ended.Name, ended.End);
        }
    }

    /// <summary>A mark of what the files hold and who may use them. Their times say nothing where they are links whose
    /// target is switched, as in Kubernetes.</summary>
    private static string Mark(IReadOnlyList<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            try
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{file} {File.GetUnixFileMode(file)} "));
                hash.AppendData(File.ReadAllBytes(file));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
            {
                hash.AppendData("-"u8);
            }
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
