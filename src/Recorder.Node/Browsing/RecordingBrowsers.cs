using System.Globalization;
using System.Net;
using Recorder.Http.Access;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>
/// Knows this node's browsers by the sockets they hold: by their user where they have their own, and else by the open
/// files of the processes under the run root.
/// </summary>
/// <param name="root">Where this node's browsers run.</param>
/// <param name="user">The user they run as; null: the node's own.</param>
internal sealed class RecordingBrowsers(RunRoot root, SystemUser? user) : IRecordingBrowsers
{
    /// <inheritdoc/>
    // Some hundred small files of the kernel are read; none of them waits for a disk.
    public Task<bool> IsOneAtAsync(IPEndPoint caller, IPEndPoint node) => Task.Run(() => IsOneAt(caller, node));

    private bool IsOneAt(IPEndPoint caller, IPEndPoint node)
    {
        if ((Find("/proc/net/tcp", caller, node) ?? Find("/proc/net/tcp6", caller, node)) is not { } socket)
        {
            return false;
        }
        return user is not null
            ? socket.Uid == user.Uid
            : ProcessSweep.Find(root.Path).Any(process => Holds(process.Id, socket.Inode));
    }

    private static TcpSocket? Find(string table, IPEndPoint caller, IPEndPoint node)
    {
        try
        {
            return TcpTable.Find(File.ReadAllText(table), caller, node);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A kernel without IPv6 has no table of it.
            return null;
        }
    }

    private static bool Holds(int process, long socket)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"socket:[{socket}]");
        try
        {
            return Directory
                .EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd"))
                .Any(file => new FileInfo(file).LinkTarget == name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has just ended, or it is one of Chromium's sandboxed processes, which open no connection themselves.
            return false;
        }
    }
}
