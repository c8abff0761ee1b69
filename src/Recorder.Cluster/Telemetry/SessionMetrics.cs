using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Telemetry;

/// <summary>Metrics of the sessions that this node runs.</summary>
internal sealed class SessionMetrics : IMetricGroup
{
    private readonly TimeProvider _clock;
    private readonly Counter<long> _captured;
    private readonly Counter<long> _painted;
    private readonly Counter<long> _repeated;
    private readonly Counter<long> _dropped;
    private readonly Counter<double> _gaps;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _ended;
    private volatile ImmutableDictionary<int, Known> _known = ImmutableDictionary<int, Known>.Empty;

    public SessionMetrics(Meter meter, TimeProvider clock)
    {
        _clock = clock;
        meter.CreateObservableGauge(
            "recorder.sessions",
            ByState,
            "{session}",
            "Sessions that this node runs, by state. Those that wait for room are run by no node: recorder_farm_sessions has them."
        );
        meter.CreateObservableGauge(
            "recorder.sessions.in_gap",
            () => Running.Count(known => known.State.Gaps is [.., { To: null }]),
            "{session}",
            "Sessions that this node runs and that should be recorded just now and are not."
        );
        meter.CreateObservableGauge(
            "recorder.outputs",
            Outputs,
            "{output}",
            "Outputs of the sessions that this node runs, by kind and state."
        );
        _ended = meter.CreateCounter<long>(
            "recorder.sessions.ended",
            "{session}",
            "Sessions that have ended on this node, by outcome."
        );
        _captured = meter.CreateCounter<long>(
            "recorder.frames.captured",
            "{frame}",
            "Frames given to encoders on this node, repeated ones included; of RTP sessions frames received."
        );
        _painted = meter.CreateCounter<long>(
            "recorder.frames.painted",
            "{frame}",
            "Different paints among the captured frames of this node's page sessions."
        );
        _repeated = meter.CreateCounter<long>(
            "recorder.frames.repeated",
            "{frame}",
            "Captured frames at whose tick the page had painted nothing new."
        );
        _dropped = meter.CreateCounter<long>(
            "recorder.frames.dropped",
            "{frame}",
            "Raw frames left out because an encoder of this node could not keep up."
        );
        _gaps = meter.CreateCounter<double>(
            "recorder.gap",
            "s",
            "Time in which sessions should have been recorded and were not, by fault code; counted by the node that goes on, when the gap ends."
        );
        _faults = meter.CreateCounter<long>(
            "recorder.faults",
            "{fault}",
            "Faults that sessions of this node have met, by code."
        );

        // A counter without labels exists from the start, so that its first increase is seen.
        foreach (var counter in new[] { _captured, _painted, _repeated, _dropped })
        {
            counter.Add(0);
        }
    }

    /// <summary>How many slots the sessions of this node take.</summary>
    public decimal SlotsUsed => Running.Sum(known => known.State.Spec is { } spec ? SessionCost.Of(spec) : 0);

    private IEnumerable<Known> Running =>
        _known.Values.Where(known => known.State is { Ended: false, Phase: not SessionPhase.New });

    public void Hear(INodeNews news)
    {
        switch (news)
        {
            case SessionEventWritten written:
                Count(written);
                Keep(written.Id, new Known(written.After, written.Live, Find(written.Id)?.Counted));
                break;
            case SessionMediaHeard media:
                var known = Find(media.Id);
                var live = (known?.Live ?? new LiveFigures()).Hear(media.Heard);
                Keep(
                    media.Id,
                    new Known(
                        media.State,
                        live,
                        media.Heard is RecordGrew grew ? Count(known?.Counted, grew) : known?.Counted
                    )
                );
                break;
            case SessionLeft left:
                _known = _known.Remove(left.Id.Value);
                break;
        }
    }

    private void Count(SessionEventWritten written)
    {
        switch (written.Event)
        {
            case FaultMet fault:
                _faults.Add(1, Labels.Of("code", fault.Code));
                break;
            case SessionEnded:
                _ended.Add(1, Labels.Of("outcome", written.After.Phase));
                break;
        }

        if (written.Before.Gaps is [.., { To: null }] && written.After.Gaps is [.., { To: { } end } gap])
        {
            _gaps.Add((end - gap.From).TotalSeconds, Labels.Of("code", gap.Code));
        }
    }

    /// <summary>Adds the new frames. Each worker counts from 0 and writes its own record. A new worker that only
    /// streams is recognised by counts lower than before.</summary>
    private RecordGrew Count(RecordGrew? before, RecordGrew grew)
    {
        // A figure that is reported again later has already been counted.
        if (before is not null && before.RecordPath == grew.RecordPath && grew.At < before.At)
        {
            return before;
        }
        Count(
            before is not null && before.RecordPath == grew.RecordPath ? Frames.Of(before) : default,
            Frames.Of(grew)
        );
        return grew;
    }

    private void Count(Frames before, Frames now)
    {
        _captured.Add(Added(before.Captured, now.Captured));
        _painted.Add(Added(before.Painted, now.Painted));
        _repeated.Add(Added(before.Repeated, now.Repeated));
        _dropped.Add(Added(before.Dropped, now.Dropped));
    }

    private static long Added(long before, long now) => now >= before ? now - before : now;

    private Known? Find(SessionId id) => _known.GetValueOrDefault(id.Value);

    private void Keep(SessionId id, Known known) => _known = _known.SetItem(id.Value, known);

    private IEnumerable<Measurement<long>> ByState()
    {
        var counts = Running.CountBy(known => known.State.Phase).ToDictionary();
        return FarmNews
            .RunningPhases.Where(phase => phase != SessionPhase.WaitingForRoom)
            .Select(phase => new Measurement<long>(counts.GetValueOrDefault(phase), Labels.Of("state", phase)));
    }

    private IEnumerable<Measurement<long>> Outputs()
    {
        var now = _clock.GetUtcNow();
        var counts = Running
            .SelectMany(known => known.Live.Outputs(known.State, now))
            .CountBy(output => (output.Kind, output.State))
            .ToDictionary();
        return from kind in Enum.GetValues<OutputKind>()
               from state in Enum.GetValues<OutputState>()
               select new Measurement<long>(
                   counts.GetValueOrDefault((kind, state)),
                   Labels.Of("kind", kind),
                   Labels.Of("state", state)
               );
    }

    /// <summary>What the metrics know of a session.</summary>
    /// <param name="State">The session.</param>
    /// <param name="Live">The session's outputs and figures.</param>
    /// <param name="Counted">The growth that was counted last, or null.</param>
    private sealed record Known(SessionState State, LiveFigures Live, RecordGrew? Counted);

    /// <summary>Frames since a worker began.</summary>
    private readonly record struct Frames(long Captured, long Painted, long Repeated, long Dropped)
    {
        public static Frames Of(RecordGrew grew) =>
            grew.Capture is { } capture
                ? new Frames(
                    capture.FramesCaptured,
                    capture.FramesPainted,
                    capture.FramesRepeated,
                    capture.FramesDropped
                )
                : new Frames(grew.FramesCaptured, 0, 0, grew.FramesDropped);
    }
}
