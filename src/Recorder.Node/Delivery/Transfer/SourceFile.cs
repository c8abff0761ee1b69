using System.Security.Cryptography;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>A file of the node that is sent.</summary>
internal static class SourceFile
{
    /// <summary>How much is read at once, in bytes. A transfer holds a few of these in memory, whatever a file's
    /// length.</summary>
    public const int Chunk = 128 * 1024;

    /// <summary>Opens a file for reading from front to back.</summary>
    /// <param name="path">The file.</param>
    public static FileStream Open(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0,
            }
        );

    /// <summary>The SHA-256 of a file, in lower-case hexadecimal digits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public static async Task<string> HashAsync(string path, Pace pace)
    {
        await using var file = Open(path);
        return await HashAsync(file, HashAlgorithmName.SHA256, pace);
    }

    /// <summary>A sum of all that is left of a stream, in lower-case hexadecimal digits.</summary>
    /// <param name="file">The stream.</param>
    /// <param name="algorithm">The kind of the sum.</param>
    /// <param name="pace">The speed of the transfer.</param>
    public static async Task<string> HashAsync(Stream file, HashAlgorithmName algorithm, Pace pace)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        var buffer = new byte[Chunk];
        int read;
        while ((read = await file.ReadAsync(buffer, pace.Token)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await pace.ComparedAsync(read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Makes sure that a file is the one that was recorded.</summary>
    /// <param name="file">The file.</param>
    /// <param name="found">The SHA-256 of the file as it is.</param>
    /// <exception cref="TransferFailure">The file has changed since.</exception>
    public static void Compare(FileToSend file, string found)
    {
        if (file.Sha256 is { } known && known != found)
        {
            throw new TransferFailure(
                $"The file {file.Path} is not what was recorded: its SHA-256 is {found}, and the manifest has {known}. Nothing was delivered.",
                mayPass: false
            );
        }
    }
}
