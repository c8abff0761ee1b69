using System.Collections.Immutable;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Telemetry;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Telemetry;

/// <summary>What the news of sessions come to.</summary>
public sealed class SessionMetricsTests : IDisposable
{
    private readonly MeterReading _reading = new();
    private readonly RecorderMeter _meter;

    public SessionMetricsTests() =>
        _meter = new RecorderMeter(
            _reading.Meters,
            new ManualClock(Sample.Begin),
            () => new FarmMembers(Sample.Node, [], [], null, null, ImmutableSortedDictionary<string, string>.Empty),
            limits: null
        );

    public void Dispose() => _reading.Dispose();

    [Fact]
    public void A_session_is_counted_in_the_state_it_is_in_and_in_no_other()
    {
        var session = Told(Start);
        Assert.Equal(
            (1, 0),
            (_reading["recorder.sessions{state=starting}"], _reading["recorder.sessions{state=recording}"])
        );

        session = Told(session, 2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));
        Assert.Equal(
            (0, 1),
            (_reading["recorder.sessions{state=starting}"], _reading["recorder.sessions{state=recording}"])
        );

        session = Told(session, state => SessionDecisions.Stop(state, alive: true, Sample.At(20)));
        Assert.Equal(1, _reading["recorder.sessions{state=stopping}"]);

        session = Told(
            session,
            21,
            new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(18), 12_000_000, Repaired: false)
        );
        Told(session, state => SessionDecisions.EndWhenDone(state, Sample.At(21)));
        Assert.Equal(
            (0, 1),
            (_reading["recorder.sessions{state=stopping}"], _reading["recorder.sessions.ended{outcome=stopped}"])
        );
    }

    [Fact]
    public void A_session_that_another_node_runs_is_not_counted_any_more()
    {
        var session = Told(Start);
        Told(session, 2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));

        _meter.Hear(new SessionLeft(Sample.Id));

        Assert.Equal(
            (0, 0),
            (_reading["recorder.sessions{state=recording}"], _reading["recorder.outputs{kind=record,state=active}"])
        );
    }

    [Fact]
    public void Frames_are_added_up_over_the_workers_of_a_session()
    {
        Assert.Equal(0, _reading["recorder.frames.captured"]);
        var session = Told(Start);
        session = Told(session, 2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));
        session = Told(session, 3, Grew(Sample.FirstRecord, captured: 100, painted: 60, repeated: 40, dropped: 3));
        session = Told(session, 4, Grew(Sample.FirstRecord, captured: 150, painted: 80, repeated: 70, dropped: 3));
        session = Told(session, 5, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "It was killed."));
        session = Told(session, state => SessionDecisions.ResumeMedia(state, Sample.At(5)));
        session = Told(session, 6, new FirstFrameWritten(session.State.Current, Sample.Time(6)));

        // More than the worker before ever told of.
        Told(session, 7, Grew(session.State.Current!, captured: 500, painted: 400, repeated: 100, dropped: 1));

        Assert.Equal(650, _reading["recorder.frames.captured"]);
        Assert.Equal(480, _reading["recorder.frames.painted"]);
        Assert.Equal(170, _reading["recorder.frames.repeated"]);
        Assert.Equal(4, _reading["recorder.frames.dropped"]);
    }

    [Fact]
    public void What_is_told_again_after_a_write_is_not_counted_again()
    {
        var session = Told(Start);
        session = Told(session, 2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));
        var early = Grew(Sample.FirstRecord, 100, 100, 0, 0) with { At = Sample.Time(3) };
        var late = Grew(Sample.FirstRecord, 150, 150, 0, 0) with { At = Sample.Time(5) };

        foreach (var grew in new[] { early, late, early, late })
        {
            session = Told(session, 5, grew);
        }

        Assert.Equal(150, _reading["recorder.frames.captured"]);
    }

    [Fact]
    public void Frames_of_a_session_without_a_browser_are_those_received()
    {
        var session = Told(Start);
        session = Told(session, 2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));
        Told(session, 3, new RecordGrew(Sample.FirstRecord, Sample.Time(3), 75, 2, 1000, TimeSpan.FromSeconds(1)));

        Assert.Equal(
            (75, 0, 2),
            (
                _reading["recorder.frames.captured"],
                _reading["recorder.frames.painted"],
                _reading["recorder.frames.dropped"]
            )
        );
    }

    [Fact]
    public void A_gap_is_counted_by_its_code_when_it_ends_and_shows_while_it_lasts()
    {
        var session = Told(Start);
        session = Told(session, 2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));
        session = Told(session, 10, Grew(Sample.FirstRecord, 200, 200, 0, 0));
        Assert.Equal(0, _reading["recorder.sessions.in_gap"]);

        session = Told(session, 12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "It was killed."));
        Assert.Equal((1, null), (_reading["recorder.sessions.in_gap"], _reading["recorder.gap{code=pipeline_failed}"]));
        Assert.Equal(1, _reading["recorder.faults{code=pipeline_failed}"]);

        session = Told(session, state => SessionDecisions.ResumeMedia(state, Sample.At(12)));
        Told(session, 14.5, new FirstFrameWritten(session.State.Current, Sample.Time(14.5)));
        Assert.Equal((0, 4.5), (_reading["recorder.sessions.in_gap"], _reading["recorder.gap{code=pipeline_failed}"]));
    }

    [Fact]
    public void Outputs_are_counted_by_kind_and_state()
    {
        var session = Told(Start);
        Assert.Equal(1, _reading["recorder.outputs{kind=record,state=starting}"]);
        session = Told(session, 2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));
        session = Told(
            session,
            3,
            new OutputChanged(
                new OutputSummary(
                    OutputSummary.HlsId,
                    OutputKind.Hls,
                    "/records/hls",
                    OutputState.Active,
                    Sample.Time(3),
                    null,
                    1,
                    0,
                    100,
                    0
                )
            )
        );
        Assert.Equal(
            (0, 1, 1),
            (
                _reading["recorder.outputs{kind=record,state=starting}"],
                _reading["recorder.outputs{kind=record,state=active}"],
                _reading["recorder.outputs{kind=hls,state=active}"]
            )
        );

        Told(
            session,
            4,
            new OutputChanged(
                new OutputSummary(
                    OutputSummary.HlsId,
                    OutputKind.Hls,
                    "/records/hls",
                    OutputState.Failed,
                    Sample.Time(4),
                    "The disk is full.",
                    1,
                    0,
                    100,
                    0
                )
            )
        );
        Assert.Equal(
            (0, 1),
            (_reading["recorder.outputs{kind=hls,state=active}"], _reading["recorder.outputs{kind=hls,state=failed}"])
        );
    }

    private static readonly Func<SessionState, ImmutableList<ISessionEvent>> Start = state =>
        SessionDecisions.Start(state, Sample.Spec, Sample.At(0));

    private static RecordGrew Grew(string path, long captured, long painted, long repeated, long dropped) =>
        new(path, Sample.Time(10), captured, dropped, 1000, TimeSpan.FromSeconds(1))
        {
            Capture = new CaptureStatistics(
                Sample.Time(10),
                captured,
                painted,
                repeated,
                dropped,
                1000,
                TimeSpan.FromSeconds(1),
                TimeSpan.Zero
            ),
        };

    private Session Told(Func<SessionState, ImmutableList<ISessionEvent>> decide) =>
        Told(new Session(new SessionState(Sample.Id), new LiveFigures()), decide);

    private Session Told(Session session, double at, IMediaEvent heard)
    {
        session = session with { Live = session.Live.Hear(heard) };
        _meter.Hear(new SessionMediaHeard(Sample.Id, heard, session.State));
        return Told(session, state => SessionDecisions.Hear(state, heard, Sample.At(at)));
    }

    /// <summary>The news as the actor tells them.</summary>
    private Session Told(Session session, Func<SessionState, ImmutableList<ISessionEvent>> decide)
    {
        foreach (var happened in decide(session.State))
        {
            var before = session.State;
            session = session with { State = before.Apply(happened) };
            _meter.Hear(new SessionEventWritten(Sample.Id, happened, before, session.State, session.Live));
        }

        return session;
    }

    private sealed record Session(SessionState State, LiveFigures Live);
}
