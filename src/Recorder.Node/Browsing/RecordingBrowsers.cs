using System.Globalization;
using System.Net;
using Recorder.Http.Access;
using Recorder.Node.Gateway;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>
/// Recognises this node's browsers by the sockets that they hold. Browsers with a user of their own are recognised by
/// that user. Otherwise the open files of the processes under the run root decide. Connections by way of a gateway are
/// the gateway's.
/// </summary>
/// <param name="root">The run root of this node's browsers.</param>
/// <param name="connections">The connections of the browsers' gateways.</param>
internal sealed class RecordingBrowsers(RunRoot root, PageConnections connections)
    : IRecordingBrowsers
{
    /// <inheritdoc/>
    public bool IsGatewayAt(IPEndPoint caller) => connections.Has(caller);

    /// <inheritdoc/>
    // The call reads some hundred small files of the kernel; none of them waits for a disk.
    public Task<bool> IsOneAtAsync(IPEndPoint caller, IPEndPoint node) =>
        connections.Has(caller) ? Task.FromResult(true) : Task.Run(() => IsOneAt(caller, node));

    private bool IsOneAt(IPEndPoint caller, IPEndPoint node)
    {
        if ((Find("/proc/net/tcp", caller, node) ?? Find("/proc/net/tcp6", caller, node)) is not { } socket)
        {
            return false;
        }
        return root.Users.AreOthers
            ? root.Users.Contains(socket.Uid)
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
            // A kernel without IPv6 has no table for IPv6.
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
            // The process has just ended, or belongs to Chromium's sandbox. Chromium's sandboxed processes open no
            // connections themselves.
            return false;
        }
    }
}
