using System.Globalization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>Names of the files of records.</summary>
public static class RecordFiles
{
    /// <summary>The most bytes of a file that cross nodes in one message. Heartbeats wait behind such a message for a
    /// few milliseconds only.</summary>
    public const int ChunkBytes = HlsFiles.ChunkBytes;

    /// <summary>The path of the actor that takes <see cref="ReadRecordFile"/> on a node with the role recorder.</summary>
    /// <param name="node">The node's cluster address, or an empty text for this node.</param>
    public static string ServiceOn(string node) => $"{node}/user/{RecordFilesActor.Name}";

    /// <summary>The session whose record has a name; null when the name is no record's.</summary>
    /// <param name="name">The name of a file, without a folder.</param>
    public static SessionId? SessionOf(string name) =>
        RecordPath.NumberIn(name) is { } number
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        && value is >= 0 and < int.MaxValue
        && RecordPath.IsNameOf(new SessionId(value + 1), name)
            ? new SessionId(value + 1)
            : null;
}
