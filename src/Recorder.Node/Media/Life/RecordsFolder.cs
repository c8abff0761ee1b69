using System.Globalization;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;

namespace Recorder.Node.Media.Life;

/// <summary>The folder that records go to.</summary>
internal static class RecordsFolder
{
    private const long Megabyte = 1 << 20;

    /// <summary>Limits the check, because a call to a network share that is away can wait for ever.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Checks whether a record can be written: writes and removes a small file, and looks at the free space. The node
    /// makes a missing folder only when the node starts. A folder that goes missing later may be an unmounted disk, and
    /// the empty mount point must not be filled. Returns <see cref="FolderReady"/> or <see cref="PartFailed"/>.
    /// </summary>
    /// <param name="recordPath">The record's path.</param>
    /// <param name="minimumFreeBytes">The least free space, in bytes.</param>
    /// <param name="records">The node's records folder; null where records are not kept.</param>
    public static async Task<IPartEvent> CheckAsync(
        string recordPath,
        long minimumFreeBytes,
        IRecordsFolder? records = null
    )
    {
        var folder = Path.GetDirectoryName(recordPath) ?? "/";
        try
        {
            return await Task.Run(() => Check(folder, minimumFreeBytes, records)).WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            return Unavailable(folder, $"it did not answer within {Limit.TotalSeconds:0} s");
        }
    }

    private static IPartEvent Check(string folder, long minimumFreeBytes, IRecordsFolder? records)
    {
        if (File.Exists(folder))
        {
            return Unavailable(folder, "it is a file, not a folder");
        }
        if (!Directory.Exists(folder))
        {
            return Unavailable(folder, "it is missing");
        }
        if (records?.Look().WhyAway is { } away)
        {
            return new PartFailed(FaultCode.RecordsFolderUnavailable, away);
        }
        try
        {
            var probe = Path.Combine(folder, $".recorder-{Guid.NewGuid():N}");
            using (
                new FileStream(
                    probe,
                    FileMode.CreateNew,
                    FileAccess.Write,
                    FileShare.None,
                    1,
                    FileOptions.DeleteOnClose
                )
            )
            {
                // Only whether the file can be made matters here.
            }

            return Room(folder, new DriveInfo(folder).AvailableFreeSpace, minimumFreeBytes);
        }
        catch (IOException error) when (error.HResult == NoSpace)
        {
            return new PartFailed(
                FaultCode.DiskFull,
                $"The disk of the records folder {folder} is full. Delete records or give it more room."
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Unavailable(folder, error.Message.TrimEnd('.'));
        }
    }

    /// <summary>Judges the free space.</summary>
    public static IPartEvent Room(string folder, long freeBytes, long minimumFreeBytes) =>
        freeBytes >= minimumFreeBytes
            ? new FolderReady()
            : new PartFailed(
                FaultCode.DiskFull,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The disk of the records folder {folder} has {freeBytes / Megabyte} MiB left, below the limit of {minimumFreeBytes / Megabyte} MiB. Delete records or give it more room."
                )
            );

    /// <summary>ENOSPC, in the form in which .NET reports it in an exception on Linux.</summary>
    private const int NoSpace = 28;

    private static PartFailed Unavailable(string folder, string reason) =>
        new(
            FaultCode.RecordsFolderUnavailable,
            $"The records folder {folder} cannot be used: {reason}. Make it a folder that the node may write to, or name another by Media:RecordsFolder."
        );
}
