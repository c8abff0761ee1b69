using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Recorder.Node.Processes;

/// <summary>
/// The users that displays, sound servers and browsers of this node run as: one for all sessions, or a number of its
/// own for each. A number is of one session only, also when nodes of this host share a range.
/// </summary>
internal sealed class BrowserUsers : IDisposable
{
    /// <summary>The value of <c>Media:Users</c> by which the node chooses a range.</summary>
    public const string Auto = "auto";

    /// <summary>The value of <c>Media:Users</c> by which all sessions share the user of <c>Media:User</c>.</summary>
    public const string SharedOne = "shared";

    private readonly Lock _lock = new();
    private readonly SystemUser? _shared;
    private readonly Dictionary<uint, Socket> _taken = [];
    private uint _next;

    private BrowserUsers(SystemUser? shared, UserRange? range)
    {
        _shared = shared;
        Range = range;
        _next = range?.First + 1 ?? 0;
    }

    /// <summary>The numbers of the sessions' users; null: the sessions share one user.</summary>
    public UserRange? Range { get; }

    /// <summary>Why the sessions share one user although nobody asked for that, as a sentence with the way out; null:
    /// they do not, or somebody asked for that.</summary>
    public string? WhyShared { get; private init; }

    /// <summary>The users as the operator named them, that cannot reach what this one cannot reach: the shared one, and
    /// one of the range.</summary>
    public IEnumerable<SystemUser> Known =>
        ((SystemUser?[])[_shared, Range is { } range ? Numbered(range.Last, range) : null]).OfType<SystemUser>();

    /// <summary>Whether the browsers run as other users than the node.</summary>
    public bool AreOthers => _shared is not null;

    /// <summary>All sessions run as one user.</summary>
    /// <param name="user">The user; null: the node's own.</param>
    public static BrowserUsers Shared(SystemUser? user) => new(user, null);

    /// <summary>The users that the options name.</summary>
    /// <param name="user">The value of <c>Media:User</c>.</param>
    /// <param name="users">The value of <c>Media:Users</c>.</param>
    /// <exception cref="InvalidOperationException">The options cannot be followed; the message says what to
    /// do.</exception>
    public static BrowserUsers Of(string user, string users) =>
        Of(SystemUser.Unprivileged(user), users, UserNumbers.Read());

    /// <summary>The users that the options name.</summary>
    /// <param name="shared">The user of <c>Media:User</c>; null: the node cannot become another.</param>
    /// <param name="users">The value of <c>Media:Users</c>.</param>
    /// <param name="host">What the host has.</param>
    /// <exception cref="InvalidOperationException">The range cannot be used; the message says what to do.</exception>
    public static BrowserUsers Of(SystemUser? shared, string users, UserNumbers host)
    {
        if (users == SharedOne)
        {
            return new BrowserUsers(shared, null);
        }
        if (users == Auto)
        {
            var suited = shared is null ? null : UserRange.Suited(host);
            return new BrowserUsers(shared, suited)
            {
                WhyShared = (shared, suited) switch
                {
                    (null, _) =>
                        "The browsers of all sessions run as the node's own user, since this node cannot become another: a page that takes its browser over reaches the other sessions and the node. Run the shipped unit or container, or run the node as root.",
                    (_, null) =>
                        $"The browsers of all sessions share the user {shared.Name}, since this host has no range of free user numbers: a page that takes its browser over reaches the other sessions. Name a range with Media:Users, such as 20000-20999, or say {SharedOne}.",
                    _ => null,
                },
            };
        }
        var range =
            UserRange.Parse(users)
            ?? throw new InvalidOperationException(
                $"Media:Users is '{users}'. Give a range of user numbers such as 200000-200999, or {Auto}, or {SharedOne}."
            );
        if (shared is null)
        {
            throw new InvalidOperationException(
                $"Media:Users gives each session a user of its own, and this node cannot become another user. Run the node as root or with the rights CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID and CAP_SETUID, or set Media:Users to {SharedOne}."
            );
        }
        return range.Problem(host) is { } problem
            ? throw new InvalidOperationException(
                $"The range {range} of Media:Users cannot be used: {problem}. Give another, or {Auto}, or {SharedOne}."
            )
            : new BrowserUsers(shared, range);
    }

    /// <summary>Why the range is too small for a node, as a sentence; null: it is large enough. A session whose
    /// browsers are being ended keeps its number meanwhile, so that twice as many are wanted.</summary>
    /// <param name="sessions">The most pages that the node records at once.</param>
    public string? TooSmall(int sessions)
    {
        var wanted = (2L * sessions) + 5;
        return Range is { } range && range.Count < wanted
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The range {range} of Media:Users has {range.Count} numbers, and this node needs {wanted} for {sessions} sessions. Give a larger range, or fewer slots by Placement:Sessions."
            )
            : null;
    }

    /// <summary>Whether a user is one that a browser of this host may run as.</summary>
    /// <param name="number">The user's number.</param>
    public bool Contains(uint number) => number == _shared?.Uid || Range?.Contains(number) == true;

    /// <summary>Takes a user for one session; null: the node's own user.</summary>
    /// <exception cref="ProcessStartException">All numbers are taken.</exception>
    public SystemUser? Take()
    {
        if (Range is not { } range)
        {
            return _shared;
        }
        lock (_lock)
        {
            var running = RunningUsers.Read("/proc");
            for (var tried = 1L; tried < range.Count; tried++)
            {
                var number = _next;
                _next = number == range.Last ? range.First + 1 : number + 1;
                if (!_taken.ContainsKey(number) && !running.Contains(number) && Hold(number) is { } held)
                {
                    _taken[number] = held;
                    return Numbered(number, range);
                }
            }
        }

        throw new ProcessStartException(
            $"All user numbers {range} of Media:Users are taken by sessions of this host. Give a larger range."
        );
    }

    /// <summary>Gives a user back. Whatever still runs as this user is ended, so that the next session with the number
    /// meets nobody. A number whose processes do not end is not used again.</summary>
    /// <param name="user">The user; one that sessions share stays as it is.</param>
    public async Task ReturnAsync(SystemUser? user)
    {
        if (user is null || Range?.Contains(user.Uid) != true)
        {
            return;
        }
        await Leftovers.EndAsync(user);
        lock (_lock)
        {
            if (!RunningUsers.Read("/proc").Contains(user.Uid) && _taken.Remove(user.Uid, out var held))
            {
                held.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var held in _taken.Values)
            {
                held.Dispose();
            }
            _taken.Clear();
        }
    }

    /// <summary>All users are in one group, which has the first number. Chromium gives the memory that it draws into to
    /// its user and to everybody who is not in its user's group, since an X server may be another user. So the other
    /// sessions must be in that group. They share no file by it: no folder of a run directory belongs to that
    /// group.</summary>
    private static SystemUser Numbered(uint number, UserRange range) => SystemUser.Numbered(number, range.First);

    /// <summary>Keeps other nodes of this host from the number: an abstract name (unix(7)) is free again when this
    /// process ends, whatever ends it.</summary>
    private static Socket? Hold(uint number)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Bind(
                new UnixDomainSocketEndPoint(
                    string.Create(CultureInfo.InvariantCulture, $"\0edumeet-recorder-user-{number}")
                )
            );
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}

/// <summary>The users that something runs as.</summary>
internal static class RunningUsers
{
    private const int Longest = 2048;

    /// <summary>The numbers of all users, real, effective and saved, of all processes.</summary>
    /// <param name="proc">The folder of the kernel's files, such as <c>/proc</c>.</param>
    public static HashSet<uint> Read(string proc)
    {
        var found = new HashSet<uint>();
        var buffer = new byte[Longest];
        foreach (var folder in Directory.EnumerateDirectories(proc))
        {
            if (char.IsAsciiDigit(Path.GetFileName(folder)[0]))
            {
                Add(found, Encoding.ASCII.GetString(Posix.Read(folder + "/status", buffer)));
            }
        }
        return found;
    }

    private static void Add(HashSet<uint> found, string status)
    {
        const string name = "\nUid:\t";
        var at = status.IndexOf(name, StringComparison.Ordinal);
        if (at < 0)
        {
            return;
        }
        foreach (var text in status[(at + name.Length)..].Split('\n')[0].Split('\t'))
        {
            if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                found.Add(number);
            }
        }
    }
}
