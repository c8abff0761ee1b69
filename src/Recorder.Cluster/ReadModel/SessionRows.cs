using System.Collections.Immutable;
using System.Text.Json;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>A row of the table <c>sessions</c>.</summary>
/// <param name="Id">The session.</param>
/// <param name="SequenceNr">The number of the newest event that the row is made from.</param>
/// <param name="Phase">The phase, in the API's form.</param>
/// <param name="Ended">Whether the session has ended.</param>
/// <param name="Settled">Whether the session has ended and nothing is left to do for its records.</param>
/// <param name="EverRecorded">Whether any frame was ever written.</param>
/// <param name="Node">The node that the session runs or last ran on.</param>
/// <param name="AcceptedAt">When the session was accepted, in milliseconds since 1970; null when not known.</param>
/// <param name="EndedAt">When the session ended, in milliseconds since 1970; null before.</param>
/// <param name="Body">The summary without its records, gaps and faults, as JSON.</param>
internal sealed record SessionRow(
    long Id,
    long SequenceNr,
    string Phase,
    bool Ended,
    bool Settled,
    bool EverRecorded,
    string Node,
    long? AcceptedAt,
    long? EndedAt,
    string Body
)
{
    /// <summary>Who started the session; null when not known.</summary>
    public string? Owner { get; init; }
}

/// <summary>A row of the table <c>records</c>.</summary>
internal sealed record RecordRow(
    long SessionId,
    int Position,
    int Number,
    string Path,
    bool Finished,
    string? Node,
    long? OpenedAt,
    long? DurationMs,
    long? Bytes,
    string Body
) : IItemRow
{
    /// <summary>Where the record is looked for: the id of its folder, or the address of its node.</summary>
    public string? Holder { get; init; }

    /// <summary>When the record ended, in milliseconds since 1970; null before.</summary>
    public long? ClosedAt { get; init; }

    /// <summary>When the record may be erased by what its start said, in the same form; null: never.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>How far the erasing of the record is.</summary>
    public int EraseState { get; init; }
}

/// <summary>A row of the table <c>gaps</c>.</summary>
internal sealed record GapRow(long SessionId, int Position, long FromAt, long? ToAt, string Code, string Body)
    : IItemRow;

/// <summary>A row of the table <c>faults</c>.</summary>
internal sealed record FaultRow(long SessionId, int Position, long At, string Node, string Code, string Body)
    : IItemRow;

/// <summary>A row of the table <c>labels</c>.</summary>
internal sealed record LabelRow(long SessionId, string Key, string Value);

/// <summary>A row of one item of a session.</summary>
internal interface IItemRow
{
    /// <summary>The place of the item in its list, from 0.</summary>
    int Position { get; }

    /// <summary>The item as JSON.</summary>
    string Body { get; }
}

/// <summary>
/// A session as the rows of the read model. A few columns are there to select and order by. The answer itself is made
/// from the bodies, so that a row tells exactly what the session told. Pure.
/// </summary>
internal sealed record SessionRows(
    SessionRow Session,
    ImmutableList<RecordRow> Records,
    ImmutableList<GapRow> Gaps,
    ImmutableList<FaultRow> Faults,
    ImmutableList<LabelRow> Labels
)
{
    /// <summary>The rows of a session.</summary>
    /// <param name="state">The session; it has a spec.</param>
    /// <param name="sequenceNr">The number of the newest event in the state.</param>
    public static SessionRows Of(SessionState state, long sequenceNr)
    {
        var summary = state.Summarise();
        var id = summary.Id.Value;
        return new SessionRows(
            new SessionRow(
                id,
                sequenceNr,
                NameOf(summary.Phase),
                state.Ended,
                state.Settled,
                summary.EverRecorded,
                summary.Node,
                state.AcceptedAt?.ToUnixTimeMilliseconds(),
                state.Ended ? state.PhaseSince.ToUnixTimeMilliseconds() : null,
                Write(summary with { Records = [], Gaps = [], Faults = [] })
            )
            {
                Owner = summary.Spec.Owner,
            },
            [
                .. summary.Records.Select(
                    (record, position) =>
                        new RecordRow(
                            id,
                            position,
                            record.Number,
                            record.Path,
                            record.Kept,
                            record.Node,
                            record.OpenedAt?.ToUnixTimeMilliseconds(),
                            (long?)record.Duration?.TotalMilliseconds,
                            record.Bytes,
                            Write(record)
                        )
                        {
                            Holder = record.Holder,
                            ClosedAt = record.EndedAt?.ToUnixTimeMilliseconds(),
                            ExpiresAt = RetentionPolicy.OwnEnd(summary.Spec, record)?.ToUnixTimeMilliseconds(),
                            EraseState = (int)EraseStages.Of(record),
                        }
                ),
            ],
            [
                .. summary.Gaps.Select(
                    (gap, position) =>
                        new GapRow(
                            id,
                            position,
                            gap.From.ToUnixTimeMilliseconds(),
                            gap.To?.ToUnixTimeMilliseconds(),
                            gap.Code,
                            Write(gap)
                        )
                ),
            ],
            [
                .. summary.Faults.Select(
                    (fault, position) =>
                        new FaultRow(
                            id,
                            position,
                            fault.At.ToUnixTimeMilliseconds(),
                            fault.Node,
                            fault.Code,
                            Write(fault)
                        )
                ),
            ],
            summary.Spec.Labels.ConvertAll(label => new LabelRow(id, label.Key, label.Value))
        );
    }

    /// <summary>The name of a phase in the table, which is the API's name.</summary>
    public static string NameOf(SessionPhase phase) => JsonNamingPolicy.SnakeCaseLower.ConvertName(phase.ToString());

    /// <summary>The summary of a session from its bodies.</summary>
    public static SessionSummary Read(
        string session,
        IEnumerable<string> records,
        IEnumerable<string> gaps,
        IEnumerable<string> faults
    ) =>
        Read<SessionSummary>(session) with
        {
            Records = [.. records.Select(Read<RecordSummary>)],
            Gaps = [.. gaps.Select(Read<SessionGap>)],
            Faults = [.. faults.Select(Read<SessionFault>)],
        };

    /// <summary>The summary of a session from its own body, without its records, gaps and faults.</summary>
    public static SessionSummary ReadAlone(string session) => Read<SessionSummary>(session);

    /// <summary>The body of a session without what grants access.</summary>
    public static string WithoutSecrets(string session)
    {
        var summary = ReadAlone(session);
        return Write(summary with { Spec = EndedSecrets.Without(summary.Spec) });
    }

    /// <summary>A record from its body.</summary>
    public static RecordSummary ReadRecord(string record) => Read<RecordSummary>(record);

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, WireSerializer.Json);

    private static T Read<T>(string body) =>
        JsonSerializer.Deserialize<T>(body, WireSerializer.Json)
        ?? throw new JsonException($"A {typeof(T).Name} in the read model is null.");
}
