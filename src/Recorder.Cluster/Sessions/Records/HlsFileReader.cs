namespace Recorder.Cluster.Sessions.Records;

/// <summary>Reads parts of HLS files of the records in one folder, and nothing else.</summary>
internal static class HlsFileReader
{
    /// <summary>Reads the requested part.</summary>
    /// <param name="recordsFolder">The folder of the records, as an absolute path.</param>
    /// <param name="ask">What to read. Its names come from another node and are accepted only in the recorder's own
    /// form.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<HlsReply> ReadAsync(string recordsFolder, ReadHlsFile ask)
    {
        if (
            FolderOf(recordsFolder, ask) is not { } folder
            || !HlsFiles.IsName(ask.File)
            || !File.Exists(Path.Join(folder, HlsFiles.Playlist))
        )
        {
            return new HlsFileMissing(ask.Id, HasPlaylist: false);
        }
        try
        {
            using var file = File.OpenHandle(
                Path.Join(folder, ask.File),
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                FileOptions.Asynchronous
            );
            var size = RandomAccess.GetLength(file);
            var bytes = new byte[Math.Clamp(size - ask.Offset, 0, Math.Clamp(ask.Length, 1, HlsFiles.ChunkBytes))];
            var count = 0;
            while (
                count < bytes.Length
                && await RandomAccess.ReadAsync(file, bytes.AsMemory(count), ask.Offset + count) is > 0 and var read
            )
            {
                count += read;
            }
            return new HlsChunk(ask.Id, size, bytes[..count]);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return new HlsFileMissing(ask.Id, HasPlaylist: true);
        }
    }

    private static string? FolderOf(string recordsFolder, ReadHlsFile ask)
    {
        if (ask.Offset < 0 || !RecordPath.IsNameOf(ask.Id, ask.Record))
        {
            return null;
        }
        var root = Path.GetFullPath(recordsFolder);
        var folder = Path.GetFullPath(HlsFiles.FolderOf(Path.Join(root, ask.Record)));
        return Path.GetDirectoryName(folder) == Path.TrimEndingDirectorySeparator(root) ? folder : null;
    }
}
