using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A record as its session knows it.</summary>
internal sealed record RecordState(string Path, int Attempt, DateTimeOffset NamedAt)
{
    /// <summary>The number of the record within its session, from 1 in the order in which the session learned of its
    /// records. The number never changes. 0 in a snapshot of an earlier version: see
    /// <see cref="SessionState.Numbered"/>.</summary>
    [AddedLater]
    public int Number { get; init; }

    /// <summary>The address of the node that wrote the record.</summary>
    public string Node { get; init; } = "";

    /// <summary>The folder that holds the record; null for a record of an earlier version, which did not note the
    /// folder.</summary>
    public FolderId? Folder { get; init; }

    /// <summary>Why the record could not be looked for when that was last tried; null when nothing hindered
    /// that.</summary>
    public string? Away { get; init; }

    public DateTimeOffset? OpenedAt { get; init; }

    public TimeSpan? Duration { get; init; }

    public long? Bytes { get; init; }

    /// <summary>How large the record was when it was last known to grow, in bytes; null when nobody said.</summary>
    [AddedLater]
    public long? BytesSeen { get; init; }

    public bool Repaired { get; init; }

    public bool Lost { get; init; }

    /// <summary>The contents of the record's playlist, once the record is closed and they are known.</summary>
    public HlsLength? Hls { get; init; }

    /// <summary>Whether the record was begun for the session and listed later. The segments of such a record were
    /// never shown.</summary>
    public bool Found { get; init; }

    /// <summary>Whether the record opened before the end of the previous record, on another node, was
    /// known.</summary>
    public bool Apart { get; init; }

    /// <summary>Whether the record's frames were ever counted. They are unknown for a record that was found later, or
    /// whose worker died at once.</summary>
    public bool Counted { get; init; }

    public long FramesCaptured { get; init; }

    public long FramesRecorded { get; init; }

    public long FramesDropped { get; init; }

    /// <summary>When the file was final; null before, and for a record closed by a version that did not write this
    /// time.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The newest faults met while this record was being written or prepared. Forgotten once the manifest is
    /// written.</summary>
    public ImmutableList<SessionFault> Faults { get; init; } = [];

    /// <summary>The SHA-256 in the record's manifest, or null.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether the manifest was given up, so that the record gets none.</summary>
    public bool ManifestGivenUp { get; init; }

    /// <summary>Whether the record is finalised and its manifest is still to be written.</summary>
    [JsonIgnore]
    public bool ManifestDue => Closed && !Lost && Sha256 is null && !ManifestGivenUp && Erasing is null;

    /// <summary>The deliveries of the record, once the record is closed.</summary>
    public ImmutableList<DeliverySummary> Deliveries { get; init; } = [];

    /// <summary>The parts of the record that were sent while it grew, until the record is delivered.</summary>
    [AddedLater]
    public ImmutableList<GrownUpload> Uploads { get; init; } = [];

    /// <summary>The hold on the record, or null.</summary>
    [AddedLater]
    public RecordHold? Hold { get; init; }

    /// <summary>The erasing of the record, once that is decided; else null.</summary>
    [AddedLater]
    public RecordErasing? Erasing { get; init; }

    /// <summary>Whether the erasing is decided and the files may still be there.</summary>
    [JsonIgnore]
    public bool ErasingDue => Erasing is { Done: null };

    [JsonIgnore]
    public bool Closed => Duration is not null;

    /// <summary>Whether the record is neither finalised nor given up.</summary>
    [JsonIgnore]
    public bool Open => !Closed && !Lost;

    /// <summary>Whether a node should hold the record. A folder goes before an address.</summary>
    /// <param name="node">The node's address.</param>
    /// <param name="folders">The ids of the node's records folder; none when they are not known.</param>
    public bool IsHeldBy(string node, ImmutableList<FolderId> folders) =>
        Folder is { } folder && !folders.IsEmpty ? folders.Contains(folder) : Node == node;
}
