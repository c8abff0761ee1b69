using System.Runtime.CompilerServices;
using System.Text;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>
/// The payloads as some version wrote them, a file for each manifest, kept for ever. Further files, named
/// <c>manifest+variant</c>, hold what a manifest got later. The tests write the file of a new manifest with
/// <c>RECORDER_WRITE_GOLDEN=1</c>. A file that exists never changes.
/// </summary>
internal static class GoldenFile
{
    private static readonly string Folder = Path.Join(AppContext.BaseDirectory, "Serialization", "Golden");

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.json").Select(file => ToName(Path.GetFileNameWithoutExtension(file)));

    public static string ManifestOf(string name) => name.Split('+')[0];

    public static byte[] Read(string name) =>
        File.Exists(FileOf(Folder, name))
            ? File.ReadAllBytes(FileOf(Folder, name))
            : throw new FileNotFoundException(
                $"{name} has no golden payload; run the tests once with RECORDER_WRITE_GOLDEN=1 and check the new file in."
            );

    /// <summary>Makes the golden file of a payload that has none, when asked to.</summary>
    public static void WriteIfAsked(string name, byte[] payload)
    {
        if (Environment.GetEnvironmentVariable("RECORDER_WRITE_GOLDEN") != "1")
        {
            return;
        }
        foreach (var folder in new[] { SourceFolder(), Folder })
        {
            Directory.CreateDirectory(folder);
            if (!File.Exists(FileOf(folder, name)))
            {
                File.WriteAllBytes(FileOf(folder, name), [.. payload, .. Encoding.UTF8.GetBytes("\n")]);
            }
        }
    }

    private static string SourceFolder([CallerFilePath] string thisFile = "") =>
        Path.Join(Path.GetDirectoryName(thisFile), "Golden");

    private static string FileOf(string folder, string name) =>
        Path.Join(
            folder,
            name.Replace("/", "__", StringComparison.Ordinal).Replace(":", "__", StringComparison.Ordinal) + ".json"
        );

    private static string ToName(string file) =>
        file.Split("__") switch
        {
            [var name, var version] => $"{name}:{version}",
            [var family, var name, var version] => $"{family}/{name}:{version}",
            _ => throw new FormatException($"{file} is not named as a golden payload is."),
        };
}
