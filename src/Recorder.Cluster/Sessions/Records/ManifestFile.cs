using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Recorder.Cluster.Identity;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>Writes the manifest beside a record. The methods block their thread for as long as the disk takes to read
/// the record.</summary>
internal static partial class ManifestFile
{
    /// <summary>A lower priority than the encoders, which have niceness 5 unless configured otherwise. Hashing a
    /// record must cost no frame of a growing record.</summary>
    private const int Niceness = 10;

    private const int ReadBytes = 1 << 20;

    /// <summary>The longest file that can be a manifest of ours. A manifest with 100 faults, gaps and pauses has a
    /// hundredth of this length.</summary>
    private const long LongestManifest = 16 << 20;

    /// <summary>
    /// Reads the record, and writes its manifest beside it with the record's own access rights. The file is written
    /// under another name first, so that a manifest is either whole or absent. An existing manifest is left as it is.
    /// </summary>
    /// <param name="recordPath">The record.</param>
    /// <param name="manifest">What the session knows of the record.</param>
    /// <returns>The outcome; errors of a disk are never thrown.</returns>
    public static ManifestReply Write(string recordPath, RecordManifest manifest) =>
        Write(recordPath, manifest, Hash, FolderFile.Flush);

    /// <inheritdoc cref="Write(string, RecordManifest)"/>
    /// <param name="recordPath">The record.</param>
    /// <param name="manifest">What the session knows of the record.</param>
    /// <param name="hash">Reads the record, which takes long. Called only once there is room for the
    /// manifest.</param>
    /// <param name="flush">Writes the folder's names to the disk.</param>
    internal static ManifestReply Write(
        string recordPath,
        RecordManifest manifest,
        Func<SafeFileHandle, (string Hash, long Bytes)> hash,
        Action<string> flush
    )
    {
        var path = RecordManifest.PathOf(recordPath);
        try
        {
            using var record = File.OpenHandle(
                recordPath,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete,
                FileOptions.SequentialScan
            );
            if (IsTaken(path))
            {
                return Written(path, manifest, RandomAccess.GetLength(record)) is { } written
                    ? new ManifestDone(recordPath, written)
                    : new ManifestFailed(
                        recordPath,
                        $"The record {recordPath} has no manifest, since {path} is something else; it was left alone.",
                        MayPass: false
                    );
            }

            var known = manifest with { Codecs = RecordCodecs.Read(record, manifest.Container) ?? manifest.Codecs };
            return new ManifestDone(recordPath, WriteWhole(recordPath, known, record, hash, flush));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var gone = error is FileNotFoundException && Directory.Exists(Path.GetDirectoryName(recordPath));
            return new ManifestFailed(
                recordPath,
                gone
                    ? $"The record {recordPath} has no manifest: the file was removed or moved away."
                    : $"The manifest {path} cannot be written, which is tried again: {error.Message.TrimEnd('.')}.",
                MayPass: !gone
            );
        }
    }

    /// <summary>Gives this thread a lower priority than more urgent work. For a thread that ends with its
    /// work.</summary>
    public static void LowerPriority() => _ = setpriority(0, 0, Niceness);

    // A link is something else too, even a link that leads nowhere.
    private static bool IsTaken(string path) =>
        Directory.Exists(path) || new FileInfo(path) is { } file && (file.Exists || file.LinkTarget is not null);

    /// <summary>The hash in the existing manifest, when that manifest belongs to this very record; null for anything
    /// else of that name.</summary>
    private static string? Written(string path, RecordManifest manifest, long bytes)
    {
        var file = new FileInfo(path);
        if (Directory.Exists(path) || file.LinkTarget is not null || file.Length is 0 or > LongestManifest)
        {
            return null;
        }
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            return
                root.GetProperty("session").GetInt32() == manifest.Session.Value
                && root.GetProperty("record").GetString() == manifest.Record
                && root.GetProperty("bytes").GetInt64() == bytes
                ? root.GetProperty("sha256").GetString()
                : null;
        }
        catch (Exception error)
            when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static (string Hash, long Bytes) Hash(SafeFileHandle record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var at = 0L;
            while (RandomAccess.Read(record, buffer.AsSpan(0, ReadBytes), at) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                at += read;
            }

            return (Convert.ToHexStringLower(hash.GetHashAndReset()), at);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string WriteWhole(
        string recordPath,
        RecordManifest manifest,
        SafeFileHandle record,
        Func<SafeFileHandle, (string Hash, long Bytes)> hash,
        Action<string> flush
    )
    {
        var path = RecordManifest.PathOf(recordPath);

        // An earlier life of this node may have left this file half written.
        var growing = path + ".writing";
        File.Delete(growing);
        try
        {
            string sha256;
            using (
                var file = new FileStream(
                    growing,
                    new FileStreamOptions
                    {
                        Mode = FileMode.CreateNew,
                        Access = FileAccess.Write,
                        BufferSize = 0,
                        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    }
                )
            )
            {
                // Writes as many bytes as the manifest will have. A disk that is full or not writable thus fails
                // before a long record is read.
                file.Write(
                    (
                        manifest with
                        {
                            Bytes = RandomAccess.GetLength(record),
                            Sha256 = new string('0', SHA256.HashSizeInBytes * 2),
                        }
                    ).ToFile()
                );
                (sha256, var bytes) = hash(record);
                var content = (manifest with { Bytes = bytes, Sha256 = sha256 }).ToFile();
                file.Position = 0;
                file.Write(content);
                file.SetLength(content.Length);

                // Where the mount gives every file the same mode, the mode cannot be set and need not be.
                var mode = File.GetUnixFileMode(record);
                if (File.GetUnixFileMode(file.SafeFileHandle) != mode)
                {
                    File.SetUnixFileMode(file.SafeFileHandle, mode);
                }
                file.Flush(flushToDisk: true);
            }

            ChaptersFile.Write(recordPath, manifest, File.GetUnixFileMode(record));
            File.Move(growing, path, overwrite: false);

            // The journal will say that the manifest is there, so a power cut must not take its name away.
            flush(Path.GetDirectoryName(path)!);
            return sha256;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(growing);
            throw;
        }
    }

    // On Linux, niceness belongs to a thread: PRIO_PROCESS with 0 is the calling thread (setpriority(2), Bugs).
    [LibraryImport("libc")]
    private static partial int setpriority(int which, uint who, int priority);
}
