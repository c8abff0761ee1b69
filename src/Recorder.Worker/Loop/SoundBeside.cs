using Recorder.Worker.Files;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>The files of sound that are kept beside a record. Blocks its thread.</summary>
internal static class SoundBeside
{
    /// <summary>Makes the files final whose writer is gone. A file that cannot be made final stays as it was written,
    /// and the record is none the worse.</summary>
    /// <param name="recordPath">The record.</param>
    /// <param name="minimumFreeBytes">Number of bytes that must stay free on the disk.</param>
    /// <returns>Number of files that are final.</returns>
    public static int Repair(string recordPath, long minimumFreeBytes)
    {
        var repaired = 0;
        foreach (var (container, path) in Of(recordPath))
        {
            try
            {
                _ = RecordFormat.Repair(path, container, minimumFreeBytes);
                RecordFile.Flush(path);
                repaired++;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                Console.Error.WriteLine($"The sound {path} stays as it was written: {error.Message}");
            }
        }

        return repaired;
    }

    /// <summary>Deletes the files of a record that is not worth keeping.</summary>
    public static void Delete(string recordPath)
    {
        foreach (var (_, path) in Of(recordPath))
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<(FileContainer Container, string Path)> Of(string recordPath) =>
        FileContainers
            .OfSound.Keys.Select(container => (container, FileContainers.SoundBeside(recordPath, container)))
            .Where(file => File.Exists(file.Item2));
}
