using System.Globalization;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>What a node under test is started with, in the names of its configuration.</summary>
internal sealed record RecorderNodeSettings
{
    /// <summary>The port of the HTTP API; null chooses a free one.</summary>
    public int? HttpPort { get; init; }

    /// <summary>How many sessions the node holds at once.</summary>
    public int Sessions { get; init; } = 4;

    /// <summary>Where records go; null: a folder of the node's own.</summary>
    public string? RecordsFolder { get; init; }

    /// <summary>How long a session may be away and still go on.</summary>
    public TimeSpan? ResumeWindow { get; init; }

    /// <summary>How long a start may take until its first frame.</summary>
    public TimeSpan? StartLimit { get; init; }

    /// <summary>How long a page may take to answer with its document.</summary>
    public TimeSpan? PageLimit { get; init; }

    /// <summary>Free space in the records folder below which records are finalised, MiB.</summary>
    public int MinimumFreeMegabytes { get; init; } = 50;

    /// <summary>The environment variables that say all this to <c>recorder run</c>.</summary>
    public Dictionary<string, string> Environment(int httpPort, int remotingPort, string dataFolder, string recordsFolder, string runFolder)
    {
        var settings = new Dictionary<string, string>
        {
            ["Http__Listen"] = $"http://127.0.0.1:{Text(httpPort)}",
            ["Recorder__Remoting__Port"] = Text(remotingPort),
            ["Recorder__Database__File"] = Path.Combine(dataFolder, "recorder.db"),
            ["Recorder__Placement__Sessions"] = Text(Sessions),
            ["Media__RecordsFolder"] = recordsFolder,
            ["Media__RunRoot"] = runFolder,
            ["Media__MinimumFreeMegabytes"] = Text(MinimumFreeMegabytes),
        };
        if (ResumeWindow is { } window)
            settings["Recorder__Sessions__ResumeWindow"] = window.ToString("c", CultureInfo.InvariantCulture);
        if (StartLimit is { } start)
            settings["Recorder__Sessions__StartLimit"] = start.ToString("c", CultureInfo.InvariantCulture);
        if (PageLimit is { } page)
            settings["Media__PageLimitSeconds"] = page.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return settings.ToDictionary(setting => "RECORDER_" + setting.Key, setting => setting.Value);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
