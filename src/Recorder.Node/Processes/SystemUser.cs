using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>A user of the operating system.</summary>
/// <param name="Name">The login name.</param>
/// <param name="Uid">The user's number.</param>
/// <param name="Gid">The number of its first group.</param>
internal sealed record SystemUser(string Name, uint Uid, uint Gid)
{
    /// <summary>Finds a user in the text of <c>/etc/passwd</c>, see passwd(5); null when there is none of that name.</summary>
    public static SystemUser? Find(string name, string passwd)
    {
        foreach (var line in passwd.Split('\n'))
        {
            var fields = line.Split(':');
            if (fields.Length >= 4 && fields[0] == name
                && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                && uint.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var gid))
                return new SystemUser(name, uid, gid);
        }

        return null;
    }

    /// <summary>
    /// The user that display, sound and browser run as: the named one when this process is privileged, null (this
    /// process's own user) when it is not.
    /// </summary>
    /// <exception cref="InvalidOperationException">The node is privileged and the user is missing, or is root itself.</exception>
    public static SystemUser? Unprivileged(string name)
    {
        if (!Environment.IsPrivilegedProcess)
            return null;
        var user = Find(name, File.ReadAllText("/etc/passwd")) ?? throw new InvalidOperationException(
            $"The node runs as root and browsers must not, but there is no user '{name}' to run them. Run deploy/install-dependencies, which creates it, or name another by Media:User.");
        return user.Uid != 0 ? user : throw new InvalidOperationException(
            $"Media:User is '{name}', which is root. Name an unprivileged user; deploy/install-dependencies creates 'recorder'.");
    }
}
