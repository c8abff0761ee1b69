using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Recorder.Harness;

/// <summary>A data folder of its own for one test, gone afterwards.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-cluster-");

    public TestFolder()
    {
        Directory.CreateDirectory(Records);
        File.WriteAllText(Secret, $"{Guid.NewGuid():N}\n");
    }

    public string Root => _folder.FullName;

    public string Database => Path.Join(_folder.FullName, "recorder.db");

    /// <summary>The secret of the farm whose nodes are started here.</summary>
    public string Secret => Path.Join(_folder.FullName, "secret");

    public string Records => Path.Join(_folder.FullName, "records");

    /// <summary>The manifest beside a record.</summary>
    public static JsonElement ManifestOf(string recordPath)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(recordPath + ".json"));
        return json.RootElement.Clone();
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();

        // A node that has just been stopped may still write its last file.
        using var pause = new ManualResetEventSlim();
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(10))
            {
                pause.Wait(50);
            }
        }
    }
}
