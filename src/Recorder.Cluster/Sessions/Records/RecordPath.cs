using System.Globalization;
using System.Text.RegularExpressions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Names of records: <c>yyyy-MM-dd_HH:mm:ss__n.container</c> in UTC. As in the original's examples, n is one less
/// than the session's id (session 1 → <c>__0</c>). Ids are never used twice, so two sessions never share a name. Two
/// records of one session differ in their second.
/// </summary>
internal static partial class RecordPath
{
    /// <summary>The path of the next record of a session.</summary>
    /// <param name="folder">The records folder.</param>
    /// <param name="state">The session. No name of its records is given again.</param>
    /// <param name="container">Decides the extension.</param>
    /// <param name="at">The time in the name; moved on by whole seconds while the name is taken.</param>
    public static string Next(string folder, SessionState state, RecordContainer container, DateTimeOffset at) =>
        Next(folder, state.Id, path => state.Records.Exists(record => IsOfOneName(record.Path, path)), container, at);

    /// <summary>Whether two records have the same name, in any folder of any node. The name distinguishes a session's
    /// segments.</summary>
    public static bool IsOfOneName(string path, string other) =>
        Path.GetFileName(path.AsSpan()).SequenceEqual(Path.GetFileName(other.AsSpan()));

    /// <summary>The path of the next record of a session.</summary>
    /// <param name="folder">The records folder.</param>
    /// <param name="session">The session.</param>
    /// <param name="isTaken">Whether the session has a record of this path.</param>
    /// <param name="container">Decides the extension.</param>
    /// <param name="at">The time in the name; moved on by whole seconds while the name is taken.</param>
    public static string Next(
        string folder,
        SessionId session,
        Predicate<string> isTaken,
        RecordContainer container,
        DateTimeOffset at
    )
    {
        while (true)
        {
            var path = Path.Join(folder, Name(session, container, at));
            if (!isTaken(path))
            {
                return path;
            }
            at = at.AddSeconds(1);
        }
    }

    /// <summary>Whether a name, without a folder, is the name of one of a session's records.</summary>
    public static bool IsNameOf(SessionId id, string name) =>
        RecordName().Match(name) is { Success: true } match
        && match.Groups["n"].ValueSpan.SequenceEqual((id.Value - 1).ToString(CultureInfo.InvariantCulture));

    /// <summary>The number at the end of a record's name; null when the name is no record's.</summary>
    public static string? NumberIn(string name) =>
        RecordName().Match(name) is { Success: true } match ? match.Groups["n"].Value : null;

    [GeneratedRegex(
        @"\A[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{2}:[0-9]{2}:[0-9]{2}__(?<n>[0-9]+)\.(mp4|ts|mkv|webm|m4a|ogg|mp3|flac)\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex RecordName();

    private static string Name(SessionId id, RecordContainer container, DateTimeOffset at)
    {
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{at.UtcDateTime:yyyy-MM-dd_HH':'mm':'ss}__{id.Value - 1}.{container.Ending()}"
        );
    }
}
