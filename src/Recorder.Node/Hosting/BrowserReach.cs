using Recorder.Node.Processes;

namespace Recorder.Node.Hosting;

/// <summary>Whether the user that browsers run as can change what is in a folder of the node.</summary>
internal static class BrowserReach
{
    /// <summary>What lets the user do that, and the way out, as a sentence; null: nothing does.</summary>
    /// <param name="chain">The folder, then the folder it is in, and so on up to the root: who may rename one of them
    /// may put another in its place.</param>
    /// <param name="user">The user that browsers run as.</param>
    /// <param name="groups">The numbers of the groups that user is in.</param>
    /// <param name="shared">
    /// Whether everybody may put files of their own into the folder, as long as nobody can remove another's (the sticky
    /// bit, as <c>/tmp</c> has). The node makes every file there as a new one and follows no link.
    /// </param>
    public static string? Problem(
        IReadOnlyList<FileOwnership> chain,
        SystemUser user,
        IReadOnlySet<uint> groups,
        bool shared
    )
    {
        for (var index = 0; index < chain.Count; index++)
        {
            var folder = chain[index];
            if (folder.User == user.Uid)
            {
                return $"{folder.Path} belongs to it. Give it to the node's user (chown).";
            }
            if (!MayWrite(folder, groups))
            {
                continue;
            }
            var removes = !folder.Mode.HasFlag(UnixFileMode.StickyBit);
            if (removes)
            {
                return $"that user may write to {folder.Path}. Take that right away (chmod go-w {folder.Path}), or keep others from removing the node's files (chmod +t {folder.Path}).";
            }
            if (index == 0 && !shared)
            {
                return $"that user may write to {folder.Path}. Take that right away (chmod go-w {folder.Path}).";
            }
        }

        return null;
    }

    private static bool MayWrite(FileOwnership folder, IReadOnlySet<uint> groups) =>
        groups.Contains(folder.Group)
            ? folder.Mode.HasFlag(UnixFileMode.GroupWrite)
            : folder.Mode.HasFlag(UnixFileMode.OtherWrite);
}
