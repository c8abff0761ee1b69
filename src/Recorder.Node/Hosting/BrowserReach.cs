using Recorder.Node.Processes;

namespace Recorder.Node.Hosting;

/// <summary>Whether the browsers' user can change the content of one of the node's folders.</summary>
internal static class BrowserReach
{
    /// <summary>The reason why the user can change the content, with the way out, as a sentence; null when the user
    /// cannot.</summary>
    /// <param name="chain">The folder, then its parent, and so on up to the root. A user who may rename one of these
    /// folders may put another folder in its place.</param>
    /// <param name="user">The user that browsers run as.</param>
    /// <param name="groups">The numbers of the user's groups.</param>
    /// <param name="shared"> Whether everybody may put files of their own into the folder. Nobody may then remove the
    /// files of others (the sticky bit, as <c>/tmp</c> has). The node creates every file there anew and follows no
    /// link. </param>
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
