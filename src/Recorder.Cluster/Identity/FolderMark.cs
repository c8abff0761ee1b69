using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Recorder.Cluster.Identity;

/// <summary>The content of the file that gives a records folder its identity. Pure.</summary>
/// <param name="Ids">The ids of the folder, at least one; the first is the id for new records.</param>
/// <param name="CopyOf">The ids of the folders that this folder was copied from. Their records are not looked for
/// here.</param>
/// <param name="Inode">The inode number that the file was made with. A copy of the file has another number. Null where
/// inode numbers change.</param>
internal sealed record FolderMark(ImmutableList<FolderId> Ids, ImmutableList<FolderId> CopyOf, long? Inode)
{
    /// <summary>The file's name in the records folder.</summary>
    public const string FileName = ".recorder-folder";

    private const string IdWord = "id";
    private const string CopyWord = "copy-of";
    private const string InodeWord = "inode";

    /// <summary>The mark of a new folder.</summary>
    public static FolderMark New() => new([FolderId.New()], [], null);

    /// <summary>Reads a file's content; null when the content is not that of a mark.</summary>
    public static FolderMark? Parse(string text)
    {
        var mark = new FolderMark([], [], null);
        foreach (
            var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        )
        {
            switch (line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                case [IdWord, var id] when Guid.TryParseExact(id, "D", out var value):
                    mark = mark with { Ids = mark.Ids.Add(new FolderId(value)) };
                    break;
                case [CopyWord, var id] when Guid.TryParseExact(id, "D", out var value):
                    mark = mark with { CopyOf = mark.CopyOf.Add(new FolderId(value)) };
                    break;
                case [InodeWord, var number]
                    when long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value):
                    mark = mark with { Inode = value };
                    break;
                default:
                    return null;
            }
        }

        return mark.Ids.IsEmpty ? null : mark;
    }

    /// <summary>Whether the file was copied from another folder.</summary>
    /// <param name="inode">The file's own inode number; null where inode numbers change.</param>
    public bool IsCopied(long? inode) => Inode is { } made && inode is { } has && made != has;

    /// <summary>The mark of a copied folder: a new id for new records. The ids of the original are only kept in
    /// mind.</summary>
    public FolderMark AsCopy() => new([FolderId.New()], Ids.AddRange(CopyOf.Except(Ids)), null);

    /// <summary>The file's content.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        foreach (var id in Ids)
        {
            text.Append(CultureInfo.InvariantCulture, $"{IdWord} {id}\n");
        }
        foreach (var id in CopyOf)
        {
            text.Append(CultureInfo.InvariantCulture, $"{CopyWord} {id}\n");
        }
        if (Inode is { } inode)
        {
            text.Append(CultureInfo.InvariantCulture, $"{InodeWord} {inode}\n");
        }
        return text.ToString();
    }
}
