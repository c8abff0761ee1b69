using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// What a session knows of the present moment and does not write to the journal: outputs, counters and statistics, as
/// reported by its media child.
/// </summary>
internal sealed record LiveFigures
{
    /// <summary>How many ended outputs are kept while the session records, such as removed targets. The oldest beyond
    /// this number are forgotten.</summary>
    private const int EndedOutputsKept = 32;

    /// <summary>The outputs that the media child has reported, in the order of their first reports.</summary>
    public ImmutableList<OutputSummary> Told { get; init; } = [];

    /// <summary>The newest growth of the record.</summary>
    public RecordGrew? Grew { get; init; }

    /// <summary>Since when there is no sound, as the figures of the record tell; null while there is sound.</summary>
    public DateTimeOffset? SilentSince { get; init; }

    /// <summary>What the page said last of each reason for the session's end, before the session's first
    /// frame.</summary>
    public ImmutableDictionary<string, PageSays> SaidEarly { get; init; } =
        ImmutableDictionary.Create<string, PageSays>(StringComparer.Ordinal);

    /// <summary>Whether the record's timeline stands still, as the media child has confirmed.</summary>
    public bool Paused { get; init; }

    public OutputSummary? Find(string id) => Told.Find(output => output.Id == id);

    public LiveFigures Hear(IMediaEvent heard) =>
        heard switch
        {
            OutputChanged e => this with { Told = Forget(Put(e.Output)) },
            RecordGrew e => this with { Grew = e },
            PauseChanged e => this with { Paused = e.Paused },
            WorkerLost or MediaFailed => this with { Paused = false },
            _ => this,
        };

    /// <summary>Every output: the record first, then HLS, then the targets; ended outputs come last.</summary>
    public ImmutableList<OutputSummary> Outputs(SessionState state, DateTimeOffset now)
    {
        if (state.Ended && !state.FinalOutputs.IsEmpty)
        {
            return state.FinalOutputs;
        }
        var ending = state.Outcome is not null && state.Current is null;
        var told = Told.Select(output =>
            output switch
            {
                _ when ending => End(output, OutputState.Finished, reason: null, now),

                // The removal of a target is not reported by a worker that is lost or is still closing the target.
                { IsTarget: true } when state.Targets.TrueForAll(target => target.Id != output.Id) => End(
                    output,
                    OutputState.Finished,
                    reason: null,
                    state.TargetsChangedAt ?? now
                ),
                { State: OutputState.Active or OutputState.Starting } when state.Phase == SessionPhase.Resuming => End(
                    output,
                    OutputState.Retrying,
                    "The session has lost its media and is on the way to its next record.",
                    now
                ),
                _ => output,
            }
        );
        var since = state.TargetsChangedAt is { } changed && changed > state.PhaseSince ? changed : state.PhaseSince;
        var expected = state
            .Targets.Where(target => Find(target.Id) is null)
            .Select(target => new OutputSummary(
                target.Id,
                target.Target.Kind,
                target.Target.Redacted,
                ending ? OutputState.Finished : OutputState.Starting,
                since,
                null,
                0,
                0,
                0,
                0
            ));
        return
        [
            .. Record(state) is { } record ? [record] : Array.Empty<OutputSummary>(),
            .. told.Concat(expected)
                .OrderBy(output => (output.State == OutputState.Finished && !ending, output.IsTarget)),
        ];
    }

    private static OutputSummary End(OutputSummary output, OutputState state, string? reason, DateTimeOffset now) =>
        output.State is OutputState.Failed or OutputState.Finished
            ? output
            : output with
            {
                State = state,
                Reason = reason,
                Since = now,
            };

    private static ImmutableList<OutputSummary> Forget(ImmutableList<OutputSummary> told) =>
        told.Count(output => output.State == OutputState.Finished) > EndedOutputsKept
            ? told.RemoveAt(told.FindIndex(output => output.State == OutputState.Finished))
            : told;

    private ImmutableList<OutputSummary> Put(OutputSummary output)
    {
        var index = Told.FindIndex(told => told.Id == output.Id);
        return index < 0 ? Told.Add(output) : Told.SetItem(index, output);
    }

    /// <summary>The output of the record. The session itself knows everything about this output.</summary>
    private OutputSummary? Record(SessionState state)
    {
        if (state.Records.LastOrDefault() is not { } record)
        {
            return null;
        }
        var grew = Grew is { } newest && newest.RecordPath == record.Path ? newest : null;
        var (status, since, reason) = state switch
        {
            { Phase: SessionPhase.Resuming } => (
                OutputState.Retrying,
                state.PhaseSince,
                state.Faults.LastOrDefault()?.Message
            ),
            _ when record.Closed => (OutputState.Finished, state.PhaseSince, null),
            _ when record.Lost => (OutputState.Failed, state.PhaseSince, state.Faults.LastOrDefault()?.Message),
            _ when record.OpenedAt is { } opened => (OutputState.Active, opened, null),
            _ => (OutputState.Starting, record.NamedAt, (string?)null),
        };
        return new OutputSummary(
            OutputSummary.RecordId,
            OutputKind.Record,
            record.Path,
            status,
            since,
            reason,
            grew?.FramesRecorded ?? record.FramesRecorded,
            0,
            record.Bytes ?? grew?.Bytes ?? 0,
            state.Records.Count - 1
        );
    }
}
