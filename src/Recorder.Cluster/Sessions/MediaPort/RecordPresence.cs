using Recorder.Cluster.Identity;

namespace Recorder.Cluster.Sessions.MediaPort;

/// <summary>
/// Whether a record that is to be repaired can be looked for in this node's records folder. Only a folder that is here
/// and has the record's own id can tell that a record is lost.
/// </summary>
public static class RecordPresence
{
    /// <summary>
    /// Why the record cannot be repaired here: <see cref="RecordNotHere"/>, or <see cref="RecordUnrecoverable"/> when
    /// the file is certainly gone. Null when the file is there. Blocks for as long as the disk takes.
    /// </summary>
    /// <param name="folder">This node's records folder.</param>
    /// <param name="repair">The record, with its path on this node.</param>
    public static IMediaEvent? Look(IRecordsFolder folder, RepairRecord repair)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(repair);
        if (WhyNotHere(folder, repair) is { } away)
        {
            return away;
        }
        if (File.Exists(repair.RecordPath))
        {
            return null;
        }

        // An earlier version did not note the folder. Without a first frame, there was nothing to lose.
        return repair.Folder is null && repair.Opened
            ? new RecordNotHere(
                repair.RecordPath,
                $"The records folder {folder.Path} has no file {repair.RecordPath}, and an earlier version, which wrote the record, did not note its folder. The record is found when its folder is back at this address."
            )
            : new RecordUnrecoverable(repair.RecordPath, $"There is no file {repair.RecordPath}.");
    }

    /// <summary>The outcome of a repair. A folder that went away meanwhile says nothing about the record. Blocks for as
    /// long as the disk takes.</summary>
    /// <param name="folder">This node's records folder.</param>
    /// <param name="repair">The record, with its path on this node.</param>
    /// <param name="outcome">What the repair found.</param>
    public static IMediaEvent After(IRecordsFolder folder, RepairRecord repair, IMediaEvent outcome)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(repair);
        return outcome is RecordUnrecoverable ? WhyNotHere(folder, repair) ?? outcome : outcome;
    }

    /// <summary>Why a record's folder is not here, as one or more sentences; null when the folder is here.</summary>
    /// <param name="at">The node's records folder.</param>
    /// <param name="standing">The folder as it is now.</param>
    /// <param name="folder">The folder that holds the record; null when it is not known.</param>
    public static string? WhyAway(IRecordsFolder at, FolderStanding standing, FolderId? folder)
    {
        ArgumentNullException.ThrowIfNull(at);
        ArgumentNullException.ThrowIfNull(standing);
        return standing.WhyAway
            ?? (
                folder is { } wanted && !standing.Is(wanted)
                    ? $"The record is in the folder {wanted}, and the records folder {at.Path} of this node is the folder {standing.Id}. The record is found when a node has its folder."
                    : null
            );
    }

    private static RecordNotHere? WhyNotHere(IRecordsFolder folder, RepairRecord repair)
    {
        var standing = folder.Look();
        var why =
            WhyAway(folder, standing, repair.Folder)
            ?? (
                Path.GetDirectoryName(Path.GetFullPath(repair.RecordPath)) != folder.Path
                    ? $"The record {repair.RecordPath} is not in this node's records folder {folder.Path}. The record is found when a node records into its folder again."
                    : null
            );
        return why is null ? null : new RecordNotHere(repair.RecordPath, why);
    }
}
