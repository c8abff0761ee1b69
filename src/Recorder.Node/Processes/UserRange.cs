using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>A range of user numbers.</summary>
/// <param name="First">The first number.</param>
/// <param name="Last">The last number.</param>
internal readonly record struct UserRange(uint First, uint Last)
{
    /// <summary>Numbers that systemd's list of uses leaves free on a host (UIDS-GIDS of systemd).</summary>
    private static readonly UserRange OfHost = new(1_900_000_000, 1_900_000_999);

    /// <summary>Numbers of a container that has the usual 65536 of them.</summary>
    private static readonly UserRange OfContainer = new(50_000, 50_999);

    /// <summary>How many numbers the range has.</summary>
    public long Count => Last - (long)First + 1;

    /// <summary>Whether a number lies in the range.</summary>
    public bool Contains(uint number) => number >= First && number <= Last;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    /// <summary>Reads a range such as <c>200000-200999</c>; null for anything else.</summary>
    public static UserRange? Parse(string text)
    {
        var ends = text.Split('-');
        return
            ends.Length == 2
            && uint.TryParse(ends[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && uint.TryParse(ends[1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first < last
            ? new UserRange(first, last)
            : null;
    }

    /// <summary>The range that suits a host whose operator names none; null when the host has none to give.</summary>
    /// <param name="host">What the host has.</param>
    public static UserRange? Suited(UserNumbers host)
    {
        foreach (var range in new[] { OfHost, OfContainer })
        {
            if (range.Problem(host) is null)
            {
                return range;
            }
        }

        return null;
    }

    /// <summary>Why the range cannot be used for browsers: the end of a sentence. Null: it can.</summary>
    /// <param name="host">What the host has.</param>
    public string? Problem(UserNumbers host)
    {
        if (First < 1_000)
        {
            return "the numbers below 1000 are of the system's own users";
        }
        if (!IsMapped(host.UserMap) || !IsMapped(host.GroupMap))
        {
            return "this host or container does not have all of these numbers (/proc/self/uid_map, gid_map)";
        }
        foreach (var line in host.Passwd.Split('\n'))
        {
            var fields = line.Split(':');
            if (fields.Length >= 3 && Number(fields[2]) is { } uid && Contains(uid))
            {
                return $"the user {fields[0]} has the number {uid.ToString(CultureInfo.InvariantCulture)}";
            }
        }

        return null;
    }

    /// <summary>Whether a map of numbers has the whole range; see user_namespaces(7).</summary>
    private bool IsMapped(string map)
    {
        foreach (var line in map.Split('\n'))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (
                fields.Length == 3
                && Number(fields[0]) is { } inside
                && Number(fields[2]) is { } count
                && First >= inside
                && Last < inside + (long)count
            )
            {
                return true;
            }
        }

        return false;
    }

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>The user numbers that a host has, as its files tell.</summary>
/// <param name="UserMap">The text of <c>/proc/self/uid_map</c>.</param>
/// <param name="GroupMap">The text of <c>/proc/self/gid_map</c>.</param>
/// <param name="Passwd">The text of <c>/etc/passwd</c>.</param>
internal sealed record UserNumbers(string UserMap, string GroupMap, string Passwd)
{
    /// <summary>Reads what this host has.</summary>
    public static UserNumbers Read() =>
        new(
            File.ReadAllText("/proc/self/uid_map"),
            File.ReadAllText("/proc/self/gid_map"),
            File.ReadAllText("/etc/passwd")
        );
}
