using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Recorder.Http.Settings;

namespace Recorder.Http.Profiles;

/// <summary>Keeps the profiles that this node knows, and reads them again when the folder has changed. A file with a
/// mistake takes only its own profile away, and the node says so.</summary>
internal sealed class ProfileWatch : BackgroundService
{
    /// <summary>How often the folder is looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ProfileOptions _options;
    private readonly Func<Profile, string?> _problemOf;
    private readonly TimeProvider _clock;
    private readonly ILogger<ProfileWatch> _log;
    private volatile ProfileBook _current;
    private string _mark;

    /// <summary>Reads the profiles.</summary>
    /// <param name="options">The options.</param>
    /// <param name="problemOf">Says what is wrong with the start that a profile makes.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">The log.</param>
    public ProfileWatch(
        ProfileOptions options,
        Func<Profile, string?> problemOf,
        TimeProvider clock,
        ILogger<ProfileWatch> log
    )
    {
        (_options, _problemOf, _clock, _log) = (options, problemOf, clock, log);
        _mark = Mark();
        _current = Read();
    }

    /// <summary>The profiles that are in effect.</summary>
    public ProfileBook Current => _current;

    /// <summary>Reads the folder again if a file has changed.</summary>
    public void Look()
    {
        var mark = Mark();
        if (mark != _mark)
        {
            _mark = mark;
            _current = Read();
            _log.LogInformation(
                "The profiles were read again: {Names}",
                string.Join(", ", _current.All.Select(profile => profile.Name))
            );
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_options.Folder.Length == 0)
        {
            return;
        }
        using var timer = new PeriodicTimer(Interval, _clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private ProfileBook Read()
    {
        var book = ProfileBook.Read(_options.Folder, _problemOf);
        foreach (var problem in book.Problems)
        {
            _log.LogError("{Problem}", problem);
        }
        return book;
    }

    private string Mark()
    {
        try
        {
            return _options.Folder.Length == 0
                ? ""
                : string.Join(
                    '\n',
                    new DirectoryInfo(_options.Folder)
                        .EnumerateFiles()
                        .OrderBy(file => file.Name, StringComparer.Ordinal)
                        .Select(file => $"{file.Name} {file.Length} {TargetOf(file).LastWriteTimeUtc.Ticks}")
                );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    /// <summary>The file that a link leads to. Kubernetes changes files by switching such links.</summary>
    private static FileSystemInfo TargetOf(FileInfo file) => file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
}
