using System.Text;

namespace Recorder.Cluster.Identity;

/// <summary>Small files that are made once and hold an identity. Such a file is either whole or absent, also after a
/// power cut.</summary>
internal static class IdentityFile
{
    private const int LongestFile = 64 << 10;

    private const UnixFileMode ForAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The file's content; null without a file.</summary>
    /// <exception cref="IOException">The disk failed, or the file is too long to be one of ours.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string? Read(string path)
    {
        try
        {
            using var file = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            if (file.Length > LongestFile)
            {
                throw new IOException($"{path} is too long to be a file of the recorder.");
            }
            using var reader = new StreamReader(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">The content, from the inode number that the file has.</param>
    /// <param name="replace">Whether an existing file is replaced. Without this, an existing file is an
    /// <see cref="IOException"/>.</param>
    /// <param name="readers">Whether every user of the host may read the file, whatever the umask of this process;
    /// else this node's user alone.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public static void Write(string path, Func<long?, string> content, bool replace, bool readers = false)
    {
        var growing = $"{path}-{Guid.NewGuid():N}";
        try
        {
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
                file.Write(Encoding.UTF8.GetBytes(content(FileFacts.Of(growing)?.Inode)));
                file.Flush(flushToDisk: true);
                if (readers)
                {
                    File.SetUnixFileMode(file.SafeFileHandle, ForAll);
                }
            }

            File.Move(growing, path, replace);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(growing);
            throw;
        }

        // A power cut must not take the name away.
        FolderFile.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
