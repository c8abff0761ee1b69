using System.Text;

namespace Recorder.Harness.Nodes;

/// <summary>The folder of one node under test: data, records, run directories and log of all its lives.</summary>
internal sealed class NodeFolder : IDisposable
{
    private const int TailLines = 200;

    public NodeFolder()
    {
        // Short, since sockets live under it, and open to all, since the browser runs as another user.
        Root = Path.Combine(Path.GetTempPath(), $"recorder-e2e-{Guid.NewGuid().ToString("N")[..8]}");
        foreach (var folder in new[] { Root, Data, Records })
        {
            Directory.CreateDirectory(folder);
        }
    }

    public string Root { get; }

    public string Data => Path.Combine(Root, "data");

    public string Records => Path.Combine(Root, "records");

    public string Run => Path.Combine(Root, "run");

    public string Log => Path.Combine(Root, "node.log");

    /// <summary>The node's log.</summary>
    public IReadOnlyList<string> LogLines() => Lines(Log);

    /// <summary>The ends of the node's log and of the logs of the processes that are running now.</summary>
    public string LogTails()
    {
        var text = new StringBuilder();
        var logs = Directory.Exists(Run)
            ? Directory.EnumerateFiles(
                Run,
                "*.log",
                new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }
            )
            : [];
        foreach (var log in logs.Order().Append(Log).Where(File.Exists))
        {
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"--- {log}");
            foreach (var line in Lines(log).TakeLast(TailLines))
            {
                text.AppendLine(line);
            }
        }

        return text.ToString();
    }

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("RECORDER_TEST_KEEP") is null)
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private static List<string> Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }
        return lines;
    }
}
