using Recorder.Http.Settings;
using Recorder.Node.Configuration;
using Recorder.Node.Processes;

namespace Recorder.Node.Commands;

/// <summary>Adds keys to a keys file. A running node never sees half a file.</summary>
internal static class KeysFileWriter
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Adds a key to a file, and makes the file when it is missing. Comments of the file are lost.</summary>
    /// <param name="file">The file.</param>
    /// <param name="entry">The key.</param>
    /// <exception cref="StartRefusedException">The file has a mistake or a key of that name, or cannot be
    /// written.</exception>
    public static void Add(string file, ApiKeyOptions entry)
    {
        var problems = new List<string>();
        var exists = File.Exists(file);
        var keys = exists ? KeysFile.Read(file, problems) : [];
        if (problems.Count > 0)
        {
            throw new StartRefusedException(problems);
        }
        if (keys.Any(key => key.Name.Equals(entry.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new StartRefusedException(
                $"{file} has a key of the name {entry.Name} already. Give the new key another name, and the same sessions with --owner {entry.Name}; or take the earlier key out of the file."
            );
        }
        var growing = $"{file}-{Guid.NewGuid():N}";
        try
        {
            using (
                var stream = new FileStream(
                    growing,
                    new FileStreamOptions
                    {
                        Mode = FileMode.CreateNew,
                        Access = FileAccess.Write,
                        UnixCreateMode = OwnerOnly,
                    }
                )
            )
            {
                using var writer = new StreamWriter(stream);
                writer.WriteLine(KeysFile.Write([.. keys, entry]));
                writer.Flush();
                stream.Flush(flushToDisk: true);
            }
            if (exists)
            {
                // The node may run as another user than the caller.
                var ownership = Posix.OwnershipOf(file);
                Posix.ChangeOwner(growing, ownership.User, ownership.Group);
                File.SetUnixFileMode(growing, File.GetUnixFileMode(file));
            }
            File.Move(growing, file, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(growing))
            {
                File.Delete(growing);
            }
            throw new StartRefusedException($"The keys file {file} cannot be written: {error.Message}");
        }
    }
}
