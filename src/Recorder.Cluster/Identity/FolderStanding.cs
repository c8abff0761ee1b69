using System.Collections.Immutable;

namespace Recorder.Cluster.Identity;

/// <summary>A node's records folder as it is at one moment.</summary>
/// <param name="Ids">The ids of the folder: the first is the id for new records. Empty while the folder is
/// away.</param>
/// <param name="WhyAway">Why the folder is away, as one or more sentences that a person can act on; null while the
/// folder is here.</param>
public sealed record FolderStanding(ImmutableList<FolderId> Ids, string? WhyAway)
{
    /// <summary>The id for new records; null while the folder is away.</summary>
    public FolderId? Id => Ids.IsEmpty ? null : Ids[0];

    /// <summary>A folder that is here.</summary>
    public static FolderStanding Here(params ImmutableList<FolderId> ids) => new(ids, null);

    /// <summary>A folder that is away.</summary>
    public static FolderStanding Away(string why) => new([], why);

    /// <summary>Whether the folder is here and has this id.</summary>
    public bool Is(FolderId id) => Ids.Contains(id);
}

/// <summary>The records folder of a node.</summary>
public interface IRecordsFolder
{
    /// <summary>The folder, as an absolute path without a separator at its end.</summary>
    string Path { get; }

    /// <summary>The folder as it was when it was last looked at. Must not block.</summary>
    FolderStanding Standing { get; }

    /// <summary>Looks at the folder now. Blocks for as long as the disk takes; never throws for a disk's
    /// faults.</summary>
    FolderStanding Look();
}
