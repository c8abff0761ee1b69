using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// The file <c>&lt;record&gt;.json</c> beside a finished record: all that is known of this one file. It contains
/// nothing that grants access to the meeting or to a stream. A changed form gets the next <see cref="Version"/>. A
/// version may gain fields, but no field changes its meaning.
/// </summary>
/// <param name="Version">The version of the form, 1.</param>
/// <param name="Session">The session.</param>
/// <param name="Attempt">The attempt that wrote the record, from 1.</param>
/// <param name="Node">The cluster address of the node that wrote the record.</param>
/// <param name="Record">The name of the record's file, without its folder, so that record and manifest may be moved
/// together.</param>
/// <param name="Container">The container of the record.</param>
/// <param name="Codecs">The codecs of the record: those that were to be used, until the node that holds the file has
/// read the file.</param>
/// <param name="Bytes">The record's size in bytes; null until the node that holds the file has read the file.</param>
/// <param name="Sha256">The record's SHA-256 in 64 lower-case hexadecimal digits; null until the same moment.</param>
/// <param name="DurationSeconds">The record's playing time in seconds.</param>
/// <param name="Repaired">Whether the record was rebuilt after the death of its worker.</param>
/// <param name="BegunAt">When the record got its name.</param>
/// <param name="FirstFrameAt">When the record's first frame was written. For a repaired record whose worker died
/// before reporting that frame: <paramref name="BegunAt"/>.</param>
/// <param name="EndedAt">When the record's last frame was taken: the time of the first frame plus the playing time
/// plus the pauses.</param>
/// <param name="ClosedAt">When the file was final.</param>
/// <param name="FramesCaptured">
/// Frames handed to the encoder or received, counted at the end or at the last confirmation before the worker died.
/// Null when the frames were never counted.
/// </param>
/// <param name="FramesRecorded">Frames in the file, counted at the same time.</param>
/// <param name="FramesDropped">Frames dropped because the encoder could not keep up, counted at the same
/// time.</param>
/// <param name="Spec">What the session records.</param>
/// <param name="Gaps">
/// The times between the end of the previous record and the end of this one in which nothing was recorded, or no
/// picture came. The part of a gap after the end is in the manifest of the next record.
/// </param>
/// <param name="Pauses">The times in which the record's timeline stood still at the caller's wish. A pause is cut off
/// where the record was closed or its worker died.</param>
/// <param name="Faults">The faults met while the record was written, and before that since the end of the previous
/// record. The last record also has the faults after its end.</param>
/// <param name="Outputs">Where the media went, each with its state when the record was closed.</param>
internal sealed record RecordManifest(
    int Version,
    SessionId Session,
    int Attempt,
    string Node,
    string Record,
    RecordContainer Container,
    ManifestCodecs Codecs,
    long? Bytes,
    string? Sha256,
    double DurationSeconds,
    bool Repaired,
    DateTimeOffset BegunAt,
    DateTimeOffset FirstFrameAt,
    DateTimeOffset EndedAt,
    DateTimeOffset ClosedAt,
    long? FramesCaptured,
    long? FramesRecorded,
    long? FramesDropped,
    SpecAnswer Spec,
    ImmutableList<SessionGap> Gaps,
    ImmutableList<SessionPause> Pauses,
    ImmutableList<SessionFault> Faults,
    ImmutableList<OutputSummary> Outputs
)
{
    /// <summary>Why the session ended; left out of every record but the last, and of a record whose manifest was
    /// written before the end.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndReason { get; init; }

    /// <summary>The marked moments in the record, in the order of playing; left out without marks.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableList<ManifestMark>? Marks { get; init; }

    /// <summary>The version of the form that is written.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The path of a record's manifest.</summary>
    /// <param name="recordPath">The path of the record.</param>
    public static string PathOf(string recordPath) => recordPath + ".json";

    /// <summary>The manifest of a finished record, with everything that the session knows.</summary>
    /// <param name="state">The session.</param>
    /// <param name="record">A closed record of the session.</param>
    /// <param name="outputs">The session's outputs.</param>
    /// <exception cref="InvalidOperationException">The record is not closed.</exception>
    public static RecordManifest Of(SessionState state, RecordState record, ImmutableList<OutputSummary> outputs)
    {
        var duration = record.Duration ?? throw new InvalidOperationException($"{record.Path} is not closed.");
        var times = TimesOf(state, record);
        return new RecordManifest(
            CurrentVersion,
            state.Id,
            record.Attempt,
            record.Node,
            Path.GetFileName(record.Path),
            state.Spec!.Container,
            ManifestCodecs.Of(state.Spec),
            Bytes: null,
            Sha256: null,
            duration.TotalSeconds,
            record.Repaired,
            record.NamedAt < times.Opened ? record.NamedAt : times.Opened,
            times.Opened,
            times.Ended,
            times.Closed,
            record.Counted ? record.FramesCaptured : null,
            record.Counted ? record.FramesRecorded : null,
            record.Counted ? record.FramesDropped : null,
            SpecAnswer.Of(state.Spec),
            GapsOf(state, record, times),
            [
                .. state
                    .Pauses.Where(pause => pause.From < times.Until && (pause.To ?? times.Until) > times.Opened)
                    .Select(pause => new SessionPause(
                        pause.From,
                        pause.To is { } to && to < times.Until ? to : times.Until
                    )),
            ],
            record.Faults.ConvertAll(fault => fault with { Message = AddressRedaction.Of(fault.Message) }),
            [
                new OutputSummary(
                    OutputSummary.RecordId,
                    OutputKind.Record,
                    record.Path,
                    OutputState.Finished,
                    times.Closed,
                    null,
                    record.FramesRecorded,
                    0,
                    record.Bytes ?? 0,
                    0
                ),
                .. outputs
                    .Where(output =>
                        output.IsTarget
                        || (output.Kind == OutputKind.Hls && output.Target == HlsFiles.FolderOf(record.Path))
                    )
                    .Select(output =>
                        output with
                        {
                            Reason = output.Reason is { } reason ? AddressRedaction.Of(reason) : null,
                        }
                    ),
            ]
        )
        {
            EndReason = state.Records.FindLast(other => !other.Lost)?.Path == record.Path ? state.EndReason : null,
            Marks = state.MarksIn(record) is { IsEmpty: false } marks
                ?
                [
                    .. marks
                        .Select(mark => new ManifestMark(
                            mark.Id,
                            mark.Title,
                            mark.At?.TotalSeconds ?? 0,
                            mark.GivenAt
                        ))
                        .OrderBy(mark => mark.AtSeconds),
                ]
                : null,
        };
    }

    /// <summary>The content of the file beside the record.</summary>
    public byte[] ToFile() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n'];

    private static ImmutableList<SessionGap> GapsOf(SessionState state, RecordState record, Times times)
    {
        var before = state.Records.TakeWhile(other => other.Path != record.Path).LastOrDefault(other => !other.Lost);
        var from = before switch
        {
            null => DateTimeOffset.MinValue,
            { Closed: true } => TimesOf(state, before).Until,

            // This record is still to be repaired. The gap behind it begins where it was last seen to grow, at the
            // earliest when it was named.
            _ => before.NamedAt,
        };
        if (from > times.Opened)
        {
            from = times.Opened;
        }
        return
        [
            .. state
                .Gaps.Where(gap => gap.From < times.Until && (gap.To is null || gap.To > from))
                .Select(gap => new SessionGap(
                    gap.From < from ? from : gap.From,
                    gap.To is { } to && to < times.Until ? to : times.Until,
                    gap.Code
                )),
        ];
    }

    /// <summary>The times of a closed record. A pause does not count as playing time.</summary>
    private static Times TimesOf(SessionState state, RecordState record)
    {
        var opened = record.OpenedAt ?? record.NamedAt;
        var ended = state
            .Pauses.Where(pause => pause.To > opened)
            .Aggregate(
                opened + record.Duration!.Value,
                (end, pause) =>
                    pause.From < end ? end + (pause.To!.Value - (pause.From > opened ? pause.From : opened)) : end
            );
        var closed = record.ClosedAt ?? ended;

        // A live record is closed at its end. The file of a dead worker is closed later, by its repair.
        return new Times(
            opened,
            record.Repaired || ended < closed ? ended : closed,
            closed,
            record.Repaired ? ended : closed
        );
    }

    /// <param name="Opened">When the first frame was written.</param>
    /// <param name="Ended">When the last frame was taken.</param>
    /// <param name="Closed">When the file was final.</param>
    /// <param name="Until">The end of the time whose gaps and pauses belong to the record.</param>
    private sealed record Times(
        DateTimeOffset Opened,
        DateTimeOffset Ended,
        DateTimeOffset Closed,
        DateTimeOffset Until
    );
}

/// <summary>A marked moment in a record.</summary>
/// <param name="Id">The id of the mark within its session.</param>
/// <param name="Title">What players show.</param>
/// <param name="AtSeconds">Where the moment is in the record, in seconds from its beginning.</param>
/// <param name="GivenAt">When the mark was given.</param>
internal sealed record ManifestMark(string Id, string Title, double AtSeconds, DateTimeOffset GivenAt);

/// <summary>How a record is encoded.</summary>
/// <param name="Video">The picture: <c>h264</c>, <c>vp8</c> or <c>vp9</c>; null without a picture.</param>
/// <param name="Audio">The sound: <c>aac</c>, <c>opus</c>, <c>mp3</c> or <c>flac</c>; null without sound.</param>
internal sealed record ManifestCodecs(string? Video, string? Audio)
{
    /// <summary>The codecs of the records of a session, unless the file says otherwise.</summary>
    public static ManifestCodecs Of(SessionSpec spec) =>
        spec is RtpSessionSpec rtp
            ? new ManifestCodecs(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(rtp.Codec.ToString()),
                rtp.Audio is null ? null : "opus"
            )
            : new ManifestCodecs(
                spec is PageSessionSpec { SoundOnly: true } ? null : "h264",
                spec.Container switch
                {
                    RecordContainer.Ogg => "opus",
                    RecordContainer.Mp3 => "mp3",
                    RecordContainer.Flac => "flac",
                    _ => "aac",
                }
            );
}
