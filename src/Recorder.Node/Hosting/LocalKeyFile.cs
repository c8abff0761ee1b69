using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using Recorder.Http.Settings;
using Recorder.Node.Configuration;
using Recorder.Node.Processes;

namespace Recorder.Node.Hosting;

/// <summary>
/// The node's own key in its data folder, which only the node's user can read. Whoever can read the file could change
/// the node anyhow, so the commands on this machine need no other key.
/// </summary>
internal static class LocalKeyFile
{
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    private const int KeyBytes = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    /// <summary>A new key: 32 random bytes in base64url.</summary>
    public static string NewKey() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>Reads the node's own key, or makes one. A key that others could read is replaced.</summary>
    /// <param name="dataFolder">The data folder, which exists and belongs to this process alone.</param>
    /// <returns>The key, and a warning. There is no key where the disk knows no rights of files.</returns>
    /// <exception cref="StartRefusedException">The file cannot be used.</exception>
    public static (LocalKey? Key, string? Warning) ReadOrMake(string dataFolder)
    {
        var file = Path.Join(dataFolder, LocalKey.FileName);
        try
        {
            string? warning = null;
            if (File.Exists(file))
            {
                var key = File.ReadAllText(file).Trim();
                if (key.Length < ApiKeyOptions.MinimumKeyLength || !key.All(c => c is > ' ' and <= '~'))
                {
                    throw new StartRefusedException(
                        $"The file {file} does not hold this node's own key. Remove the file: the node makes a new key."
                    );
                }
                if ((File.GetUnixFileMode(file) & Others) == 0)
                {
                    return (new LocalKey(key), null);
                }
                warning = $"Other users could read this node's own key in {file}, so the node has made a new key.";
            }
            var made = Make(file);
            return (File.GetUnixFileMode(file) & Others) == 0
                ? (new LocalKey(made), warning)
                : (
                    null,
                    $"Other users can read {file} whatever this node does, so the node takes no key from the file. Put the data folder on a disk that knows the rights of files (--data)."
                );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                $"The node's own key cannot be kept in {file}: {error.Message.TrimEnd('.')}. Make the file readable and the folder writable for this node's user."
            );
        }
    }

    /// <summary>The own key of the node that listens at an address of this machine; null when the caller may not read
    /// the key, and when the listener may be somebody else, who must not learn the key.</summary>
    /// <param name="node">The node's address.</param>
    /// <param name="dataFolder">The node's data folder.</param>
    public static string? For(Uri node, string dataFolder)
    {
        var file = Path.Join(dataFolder, LocalKey.FileName);
        try
        {
            return
                IsLoopback(node.Host)
                && Posix.OwnerOf(file) is { } owner
                && (File.GetUnixFileMode(file) & Others) == 0
                && Tables
                    .Where(File.Exists)
                    .SelectMany(table => TcpTable.Listeners(File.ReadAllText(table), node.Port))
                    .ToList()
                    is { Count: > 0 } listeners
                && listeners.TrueForAll(user => user == owner || user == 0)
                ? File.ReadAllText(file).Trim()
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static string Make(string file)
    {
        var key = NewKey();
        var growing = $"{file}-{Guid.NewGuid():N}";
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
            stream.Write(System.Text.Encoding.ASCII.GetBytes($"{key}\n"));
            stream.Flush(flushToDisk: true);
        }
        File.Move(growing, file, overwrite: true);
        return key;
    }
}
