using System.Collections.Immutable;

namespace Recorder.Cluster.Identity;

/// <summary>What a node remembers of a records folder that it has had.</summary>
/// <param name="Id">The folder's id for new records.</param>
/// <param name="Mount">The folder at which the disk was mounted.</param>
/// <param name="Folder">The folder's path.</param>
internal sealed record KnownFolder(FolderId Id, string Mount, string Folder);

/// <summary>
/// The records folders that a node has had, in a file of its data folder. The node thus knows an empty mount point from
/// a new folder.
/// </summary>
/// <param name="dataFolder">The data folder.</param>
internal sealed class FolderMemory(string dataFolder)
{
    private const char Separator = '\t';

    /// <summary>The file, with its path.</summary>
    public string File { get; } = Path.Join(dataFolder, "records-folders");

    /// <summary>What is remembered of the folder at a path; null for a path that the node has not had. Lines that
    /// cannot be read are left out.</summary>
    public KnownFolder? Of(string folder) => All().Find(known => known.Folder == folder);

    /// <summary>Remembers a folder, in the place of what was remembered of its path.</summary>
    public void Keep(KnownFolder folder)
    {
        var all = All();
        if (all.Contains(folder))
        {
            return;
        }
        var lines = all.RemoveAll(known => known.Folder == folder.Folder)
            .Add(folder)
            .Select(known => string.Join(Separator, known.Id, known.Mount, known.Folder));
        IdentityFile.Write(File, _ => string.Join('\n', lines) + "\n", replace: true);
    }

    private ImmutableList<KnownFolder> All() =>
        [
            .. (IdentityFile.Read(File) ?? "")
                .Split('\n')
                .Select(line => line.Split(Separator))
                .Where(parts => parts.Length == 3 && Guid.TryParseExact(parts[0], "D", out _))
                .Select(parts => new KnownFolder(new FolderId(Guid.Parse(parts[0])), parts[1], parts[2])),
        ];
}
