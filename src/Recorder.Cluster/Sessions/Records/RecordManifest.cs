using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// What stands beside a finished record as <c>&lt;record&gt;.json</c>: all that is known of this one file, without
/// anything that lets somebody into the meeting or onto a stream. A changed form gets the next <see cref="Version"/>;
/// fields may be added to a version, and none changes its meaning.
/// </summary>
/// <param name="Version">The version of the form, 1.</param>
/// <param name="Session">The session.</param>
/// <param name="Attempt">The attempt that wrote it, from 1.</param>
/// <param name="Node">The cluster address of the node that wrote it.</param>
/// <param name="Record">The file's name, without its folder: both may be moved together.</param>
/// <param name="Container">How it is packed.</param>
/// <param name="Codecs">How it is encoded: what was to be recorded until the node that holds the file has read
/// it.</param>
/// <param name="Bytes">Its size in bytes; null until the node that holds the file has read it.</param>
/// <param name="Sha256">Its SHA-256 in 64 lower-case hexadecimal digits; null likewise.</param>
/// <param name="DurationSeconds">Its playing time in seconds.</param>
/// <param name="Repaired">Whether it was rebuilt after the death of its worker.</param>
/// <param name="BegunAt">When it got its name.</param>
/// <param name="FirstFrameAt">When its first frame was written; of a repaired record that died before it could say so,
/// <paramref name="BegunAt"/>.</param>
/// <param name="EndedAt">When its last frame was taken: the first frame, the playing time and the pauses added
/// up.</param>
/// <param name="ClosedAt">When the file was final.</param>
/// <param name="FramesCaptured">
/// Frames handed to the encoder or received, as of the end or of the last confirmation before its worker died; null
/// where nobody has counted them.
/// </param>
/// <param name="FramesRecorded">Frames in the file, likewise.</param>
/// <param name="FramesDropped">Frames dropped because the encoder could not keep up, likewise.</param>
/// <param name="Spec">What the session records.</param>
/// <param name="Gaps">
/// The times between the end of the record before and the end of this one in which nothing was recorded, or no picture
/// came. What of a gap lies after the end is told by the next record.
/// </param>
/// <param name="Pauses">The times in which its timeline stood still as the caller wished, cut off where it was closed
/// or its worker died.</param>
/// <param name="Faults">The faults met while it was written and, before that, since the record before had ended; of the
/// last record also those after its end.</param>
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
    /// <summary>The version of the form that is written.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Where the manifest of a record stands.</summary>
    /// <param name="recordPath">The path of the record.</param>
    public static string PathOf(string recordPath) => recordPath + ".json";

    /// <summary>The manifest of a finished record, as far as its session knows it.</summary>
    /// <param name="state">The session.</param>
    /// <param name="record">The record, one of the session's that is closed.</param>
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
        );
    }

    /// <summary>The form in which it stands beside the record.</summary>
    public byte[] ToFile() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n'];

    private static ImmutableList<SessionGap> GapsOf(SessionState state, RecordState record, Times times)
    {
        var before = state.Records.TakeWhile(other => other.Path != record.Path).LastOrDefault(other => !other.Lost);
        var from = before switch
        {
            null => DateTimeOffset.MinValue,
            { Closed: true } => TimesOf(state, before).Until,

            // It is still to be repaired: the gap behind it begins where it was last seen to grow.
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

    /// <summary>The times of a closed record. A pause is no part of its playing time.</summary>
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

        // Whoever stopped a record closed it; a dead worker's file is closed later, by its repair.
        return new Times(
            opened,
            record.Repaired || ended < closed ? ended : closed,
            closed,
            record.Repaired ? ended : closed
        );
    }

    /// <param name="Opened">The first frame.</param>
    /// <param name="Ended">The last frame.</param>
    /// <param name="Closed">When the file was final.</param>
    /// <param name="Until">Until when what happened belongs to it.</param>
    private sealed record Times(
        DateTimeOffset Opened,
        DateTimeOffset Ended,
        DateTimeOffset Closed,
        DateTimeOffset Until
    );
}

/// <summary>How a record is encoded.</summary>
/// <param name="Video">The picture: <c>h264</c>, <c>vp8</c> or <c>vp9</c>; null without it.</param>
/// <param name="Audio">The sound: <c>aac</c> or <c>opus</c>; null without it.</param>
internal sealed record ManifestCodecs(string? Video, string? Audio)
{
    /// <summary>The codecs of the records of a session, unless their file says otherwise.</summary>
    public static ManifestCodecs Of(SessionSpec spec) =>
        spec is RtpSessionSpec rtp
            ? new ManifestCodecs(
                JsonNamingPolicy.SnakeCaseLower.ConvertName(rtp.Codec.ToString()),
                rtp.Audio is null ? null : "opus"
            )
            : new ManifestCodecs("h264", "aac");
}
