using System.Text.Json;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Keeping;

/// <summary>
/// Removes the files of one record from the records folder, and nothing else. Only files of the recorder's own names
/// are removed. A link in a file's place is somebody else's: it stays, and so does what it leads to.
/// </summary>
internal static class RecordErasure
{
    /// <summary>A manifest is some kilobytes long.</summary>
    private const int LongestManifest = 16 << 20;

    /// <summary>Removes the record, its manifest, its picture and its live playlist. Whatever can be removed is
    /// removed, also when something else cannot be.</summary>
    /// <param name="recordsFolder">The folder of the records, as an absolute path.</param>
    /// <param name="session">The session of the record.</param>
    /// <param name="record">The name of the record's file.</param>
    /// <param name="manifest">Whether the record may have a manifest. Otherwise a file of that name is
    /// another's.</param>
    /// <returns>Why something is left, as one sentence; null when nothing is left.</returns>
    public static string? Erase(string recordsFolder, SessionId session, string record, bool manifest)
    {
        if (!RecordPath.IsNameOf(session, record))
        {
            return $"{record} is no name of a record of session {session}; nothing was removed.";
        }
        var obstacles = new List<string>();
        try
        {
            using var folder = HeldFolder.Open(recordsFolder);
            Beside(folder);

            // The record goes last: while anything is left, people find the record beside it. A manifest or a picture
            // may have been finished meanwhile; no other begins without the record.
            Try(() => RemoveFile(folder, recordsFolder, record));
            if (obstacles.Count == 0)
            {
                Beside(folder);
            }
            if (obstacles.Count == 0)
            {
                // The journal will say that the files are gone, so a power cut must not bring them back.
                FolderFile.Flush(recordsFolder);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            obstacles.Add(error.Message);
        }
        return obstacles.Count == 0
            ? null
            : $"The record {record} could not be erased whole, which is tried again: {string.Join(' ', obstacles.Take(3).Select(text => text.TrimEnd('.') + "."))}";

        void Beside(HeldFolder folder)
        {
            Try(() => RemovePlaylist(folder, record));
            foreach (var name in folder.Names().Where(name => IsOfTheRecord(record, name)))
            {
                Try(() => RemoveFile(folder, recordsFolder, name));
            }
            var named = Path.GetFileName(RecordManifest.PathOf(record));
            if (manifest && folder.IsPlainFile(named) is not null && IsManifestOf(recordsFolder, session, record))
            {
                Try(() => RemoveFile(folder, recordsFolder, named));
            }
        }

        void Try(Action step)
        {
            try
            {
                step();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                obstacles.Add(error.Message);
            }
        }
    }

    /// <summary>Whether a name belongs to a file that the recorder makes beside a record, other than its
    /// manifest: a picture, sound, or what an interrupted step has left.</summary>
    private static bool IsOfTheRecord(string record, string name) =>
        name.StartsWith(record, StringComparison.Ordinal)
        && name[record.Length..] is var rest
        && (
            rest is ".jpg" or ".finalising" or ".json.writing" or ChaptersFile.Suffix or ChaptersFile.Suffix + ".writing"
            || RecordContainers.OfSound.Exists(sound => IsSoundBeside(rest, $".{sound.Ending()}"))
            || (
                rest.StartsWith(".jpg.", StringComparison.Ordinal)
                && rest.EndsWith(".new", StringComparison.Ordinal)
                && Guid.TryParseExact(rest[".jpg.".Length..^".new".Length], "N", out _)
            )
        );

    private static bool IsSoundBeside(string rest, string ending) => rest == ending || rest == $"{ending}.finalising";

    private static void RemoveFile(HeldFolder folder, string path, string name)
    {
        switch (folder.IsPlainFile(name))
        {
            case true:
                folder.Remove(name);
                break;
            case false:
                throw new IOException(
                    $"{Path.Join(path, name)} is no file of the recorder's, but a link or a folder; remove it by hand."
                );
        }
    }

    private static void RemovePlaylist(HeldFolder folder, string record)
    {
        var name = HlsFiles.FolderOf(record);
        using (var playlist = folder.Inner(name))
        {
            if (playlist is null)
            {
                return;
            }
            foreach (var file in playlist.Names().Where(IsOfAPlaylist))
            {
                playlist.Remove(file);
            }
        }
        folder.RemoveFolder(name);
    }

    /// <summary>Whether a name is a playlist's or a segment's, or that of one half written.</summary>
    private static bool IsOfAPlaylist(string name) =>
        HlsFiles.IsName(name) || (name.EndsWith(".growing", StringComparison.Ordinal) && HlsFiles.IsName(name[..^8]));

    private static bool IsManifestOf(string folder, SessionId session, string record)
    {
        try
        {
            using var file = PlainFile.Open(RecordManifest.PathOf(Path.Join(folder, record)));
            if (RandomAccess.GetLength(file) > LongestManifest)
            {
                return false;
            }
            var bytes = new byte[RandomAccess.GetLength(file)];
            var read = RandomAccess.Read(file, bytes, 0);
            using var json = JsonDocument.Parse(bytes.AsMemory(0, read));
            return json.RootElement.GetProperty("session").GetInt32() == session.Value
                && json.RootElement.GetProperty("record").GetString() == record;
        }
        catch (Exception error)
            when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
                    or FileNotFoundException
            )
        {
            return false;
        }
    }
}
