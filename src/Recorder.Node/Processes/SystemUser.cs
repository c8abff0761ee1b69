using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>A user of the operating system.</summary>
/// <param name="Name">The login name.</param>
/// <param name="Uid">The user's number.</param>
/// <param name="Gid">The number of the user's primary group.</param>
internal sealed record SystemUser(string Name, uint Uid, uint Gid)
{
    /// <summary>Whether the user stands in <c>/etc/passwd</c>, and so may have further groups.</summary>
    public bool IsKnown { get; init; } = true;

    /// <summary>A user without a name, in one group only.</summary>
    /// <param name="number">The user's number.</param>
    /// <param name="group">The group's number.</param>
    public static SystemUser Numbered(uint number, uint group) =>
        new(string.Create(CultureInfo.InvariantCulture, $"number {number}"), number, group) { IsKnown = false };

    /// <summary>Finds a user in the text of <c>/etc/passwd</c>, see passwd(5); null when no user has the
    /// name.</summary>
    public static SystemUser? Find(string name, string passwd)
    {
        foreach (var line in passwd.Split('\n'))
        {
            var fields = line.Split(':');
            if (
                fields.Length >= 4
                && fields[0] == name
                && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                && uint.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var gid)
            )
            {
                return new SystemUser(name, uid, gid);
            }
        }

        return null;
    }

    /// <summary>The numbers of the user's groups by the text of <c>/etc/group</c>, see group(5), and of the user's
    /// primary group.</summary>
    public IReadOnlySet<uint> GroupsIn(string groups) =>
        (
            from line in groups.Split('\n')
            let fields = line.Split(':')
            where fields.Length >= 4 && fields[3].Trim().Split(',').Contains(Name)
            where uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            select uint.Parse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture)
        )
            .Append(Gid)
            .ToHashSet();

    /// <summary>
    /// The user that display, sound server and browser run as. This is the named user when this process is root or has
    /// the rights to become another user. Otherwise the result is null, which means this process's own user.
    /// </summary>
    /// <exception cref="InvalidOperationException">The node may use another user, and the named user is missing, or is
    /// root, or is the node's own user.</exception>
    public static SystemUser? Unprivileged(string name)
    {
        if (!Capabilities.MayUseAnotherUser())
        {
            return !Environment.IsPrivilegedProcess
                ? null
                : throw new InvalidOperationException(
                    $"The node runs as root and browsers must not, but this root lacks the rights to run them as '{name}'. Give them to the node (CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID), or run the node as another user."
                );
        }

        var user =
            Find(name, File.ReadAllText("/etc/passwd"))
            ?? throw new InvalidOperationException(
                $"The node runs as root and browsers must not, but there is no user '{name}' to run them. Run deploy/install-dependencies, which creates it, or name another by Media:User."
            );
        if (user.Uid == 0)
        {
            throw new InvalidOperationException(
                $"Media:User is '{name}', which is root. Name an unprivileged user; deploy/install-dependencies creates 'recorder'."
            );
        }

        return user.Uid != Posix.EffectiveUser()
            ? user
            : throw new InvalidOperationException(
                $"Media:User is '{name}', which is the node's own user; browsers need another. Name one; deploy/install-dependencies creates 'recorder' for browsers and 'recorder-node' for the node."
            );
    }
}
