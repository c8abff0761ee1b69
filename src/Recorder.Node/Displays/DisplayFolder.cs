using System.Globalization;
using Recorder.Node.Processes;

namespace Recorder.Node.Displays;

/// <summary>The folder where displays put their sockets. Its name is the same for all programs of the host, and the
/// display that comes first makes it.</summary>
internal static class DisplayFolder
{
    private const string Sockets = "/tmp/.X11-unix";
    private const string Locks = "/tmp";

    private const UnixFileMode Everybody =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute
        | UnixFileMode.StickyBit;

    /// <summary>Makes the folder, or takes it from a session's user: its owner could remove the sockets of other
    /// sessions. Also removes what displays that were killed have left there.</summary>
    /// <param name="users">The users that displays run as.</param>
    /// <exception cref="IOException">The folder cannot be made or taken.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or taken.</exception>
    public static void Prepare(BrowserUsers users)
    {
        if (!users.AreOthers)
        {
            return;
        }
        if (new DirectoryInfo(Sockets).LinkTarget is not null)
        {
            throw new IOException($"{Sockets} is a link. Remove it.");
        }
        if (!Directory.Exists(Sockets))
        {
            Directory.CreateDirectory(Sockets);
            File.SetUnixFileMode(Sockets, Everybody);
        }
        else if (Posix.OwnerOf(Sockets) is { } owner && users.Contains(owner))
        {
            Posix.ChangeOwner(Sockets, Posix.EffectiveUser(), Posix.EffectiveGroup());
            File.SetUnixFileMode(Sockets, Everybody);
        }

        foreach (var file in Directory.EnumerateFiles(Locks, ".X*-lock"))
        {
            RemoveLeft(file, users);
        }
    }

    /// <summary>Removes the lock and the socket of a display that has ended. A display of another user could not use
    /// their number again.</summary>
    private static void RemoveLeft(string file, BrowserUsers users)
    {
        var name = Path.GetFileName(file)[2..^"-lock".Length];
        if (
            !uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            || Posix.OwnerOf(file) is not { } owner
            || !users.Contains(owner)
            || !int.TryParse(
                File.ReadAllText(file).Trim(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var process
            )
            || Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}"))
        )
        {
            return;
        }
        File.Delete(file);
        File.Delete(Path.Combine(Sockets, "X" + name));
    }
}
