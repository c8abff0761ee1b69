using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>Reads parts of the records in one folder and of their manifests, and nothing else.</summary>
internal static class RecordFileReader
{
    /// <summary>The first bytes of a growing record change when the record gets its final form.</summary>
    private const int MarkedBytes = 64;

    /// <summary>Reads the requested part.</summary>
    /// <param name="recordsFolder">The folder of the records, as an absolute path.</param>
    /// <param name="ask">What to read. Its names come from another node and are accepted only in the recorder's own
    /// form.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<RecordFileReply> ReadAsync(string recordsFolder, ReadRecordFile ask)
    {
        if (PathOf(recordsFolder, ask) is not { } path)
        {
            return new RecordFileMissing(ask.Id);
        }
        try
        {
            using var file = Open(path);

            // Only the first question needs the last whole fragment. Later ones ask for parts before that one.
            var size = ask is { Growing: true, Mark: null }
                ? WholeFragments.LengthOf(file, ask.Record)
                : RandomAccess.GetLength(file);
            var wanted = Math.Clamp(ask.Length, 0, RecordFiles.ChunkBytes);
            var bytes = new byte[Math.Clamp(size - ask.Offset, 0, wanted)];
            var count = 0;
            while (
                count < bytes.Length
                && await RandomAccess.ReadAsync(file, bytes.AsMemory(count), ask.Offset + count) is > 0 and var read
            )
            {
                count += read;
            }

            // Looked at after the reading, so that bytes of another content are never taken for these.
            var mark = MarkOf(file, ask.Growing);
            return ask.Mark is { } known && known != mark
                ? new RecordFileChanged(ask.Id)
                : new RecordFilePart(ask.Id, size, File.GetLastWriteTimeUtc(file), mark, bytes[..count]);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return new RecordFileMissing(ask.Id);
        }
    }

    /// <summary>The path of a file; null when the names are not the recorder's own, and when a link or a folder stands
    /// in the file's place.</summary>
    /// <param name="recordsFolder">The folder of the records, as an absolute path.</param>
    /// <param name="ask">What is to be read.</param>
    internal static string? PathOf(string recordsFolder, ReadRecordFile ask)
    {
        if (ask.Offset < 0 || !RecordPath.IsNameOf(ask.Id, ask.Record))
        {
            return null;
        }
        var record = Path.Join(recordsFolder, ask.Record);
        var path = PathOf(record, ask.Kind);

        // A link could lead out of the folder, and a pipe could hold up the reader for ever.
        return FileFacts.IsPlainFile(path) ? path : null;
    }

    private static string PathOf(string record, RecordFileKind kind) =>
        kind switch
        {
            RecordFileKind.Media => record,
            RecordFileKind.Manifest => RecordManifest.PathOf(record),
            RecordFileKind.Poster => record + ".jpg",
            RecordFileKind.Audio => RecordContainers
                .OfSound.Select(container => RecordContainers.SoundBeside(record, container))
                .FirstOrDefault(FileFacts.IsPlainFile, RecordContainers.SoundBeside(record, RecordContainer.M4a)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such file stands beside a record."),
        };

    /// <summary>Reads a part of the picture of a record. The first call makes the picture. A record of sound alone has
    /// no picture, so its picture is missing.</summary>
    /// <param name="recordsFolder">The folder of the records, as an absolute path.</param>
    /// <param name="ask">What to read.</param>
    /// <param name="make">Makes the picture of a record: see <see cref="ISessionMedia.MakePosterAsync"/>.</param>
    public static async Task<RecordFileReply> ReadPosterAsync(
        string recordsFolder,
        ReadRecordFile ask,
        Func<SessionId, string, string, Task<string?>> make
    )
    {
        if (PathOf(recordsFolder, ask with { Kind = RecordFileKind.Media }) is not { } record)
        {
            return new RecordFileMissing(ask.Id);
        }
        if (PathOf(recordsFolder, ask) is null)
        {
            if (IsSoundAlone(record))
            {
                return new RecordFileMissing(ask.Id);
            }

            // Under another name first, so that a picture is whole or absent. Two calls at a time make the same one.
            var poster = PathOf(record, RecordFileKind.Poster);
            var made = $"{poster}.{Guid.NewGuid():N}.new";
            try
            {
                if (await make(ask.Id, record, made) is { } why)
                {
                    return new RecordFileUnreadable(ask.Id, why);
                }
                File.Move(made, poster, overwrite: true);
                if (PathOf(recordsFolder, ask with { Kind = RecordFileKind.Media }) is null)
                {
                    // The record was erased meanwhile, and its picture goes with it.
                    File.Delete(poster);
                    return new RecordFileMissing(ask.Id);
                }
            }
            finally
            {
                File.Delete(made);
            }
        }
        return await ReadAsync(recordsFolder, ask);
    }

    /// <summary>Whether a record says that it has sound and no picture.</summary>
    private static bool IsSoundAlone(string record)
    {
        if (RecordContainers.OfSound.Exists(sound => Path.GetExtension(record) == $".{sound.Ending()}"))
        {
            return true;
        }
        if (Path.GetExtension(record) == ".ts")
        {
            using var stream = Open(record);
            return TransportStreamTracks.HasPicture(stream) == false;
        }
        RecordContainer? container = Path.GetExtension(record) switch
        {
            ".mp4" => RecordContainer.Mp4,
            ".mkv" => RecordContainer.Mkv,
            ".webm" => RecordContainer.Webm,
            _ => null,
        };
        if (container is not { } known)
        {
            return false;
        }
        using var file = Open(record);
        return RecordCodecs.Read(file, known) is { Video: null, Audio: not null };
    }

    /// <summary>Opens a file for reading: see <see cref="PlainFile.Open"/>. What stands at the path may have changed
    /// since <see cref="PathOf(string, ReadRecordFile)"/> looked.</summary>
    internal static SafeFileHandle Open(string path) => PlainFile.Open(path);

    /// <summary>What tells this content of a file from another one.</summary>
    internal static string MarkOf(SafeFileHandle file, bool growing)
    {
        if (!growing)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{RandomAccess.GetLength(file):x}-{File.GetLastWriteTimeUtc(file).Ticks:x}"
            );
        }
        Span<byte> first = stackalloc byte[MarkedBytes];
        var read = RandomAccess.Read(file, first, 0);
        return Convert.ToHexStringLower(SHA256.HashData(first[..read]).AsSpan(0, 16));
    }
}
