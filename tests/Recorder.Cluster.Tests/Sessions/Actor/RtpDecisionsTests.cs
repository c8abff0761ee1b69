using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Cluster.Tests.Sessions.Streams;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>Sessions that receive RTP: they start with their ports, not with a frame.</summary>
public sealed class RtpDecisionsTests
{
    [Fact]
    public void Bound_ports_start_the_session_before_anything_is_received()
    {
        var story = Receiving;

        Assert.Equal(["SessionPortsBound"], story.Events);
        Assert.Equal(
            (SessionPhase.Recording, true, Endpoint),
            (story.State.Phase, story.State.Started, story.State.Endpoint)
        );
        Assert.Equal(Endpoint, story.State.Summarise().Endpoint);
        Assert.EndsWith(".webm", story.CurrentPath, StringComparison.Ordinal);
        Assert.Empty(SessionDecisions.StartLimitPassed(story.State, TimeSpan.FromSeconds(30), Sample.At(30)));
        Assert.Empty(story.Hears(2, new PortsBound(story.CurrentPath, Endpoint, Sample.Time(2))).Last);
    }

    [Fact]
    public void A_port_in_use_fails_the_start()
    {
        var story = Story
            .New.Then(state => SessionDecisions.Start(state, RtpSpec, Sample.At(0)))
            .Hears(1, new MediaFailed(FaultCode.PortInUse, "Port 5000 is in use."))
            .Ends(1);

        Assert.Equal((SessionPhase.Failed, FaultCode.PortInUse), (story.State.Phase, story.State.Outcome!.Code));
    }

    [Fact]
    public void Waiting_for_the_sender_is_evidence_that_the_session_lives()
    {
        var story = Receiving;
        story = story.Hears(900, new RecordGrew(story.CurrentPath, Sample.Time(900), 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(["RecordConfirmed"], story.Events);
        Assert.Contains(
            SessionDecisions.Resume(story.State, RtpSpec, Sample.ResumeWindow, Sample.At(920)),
            e => e is RecordNamed
        );
    }

    [Fact]
    public void A_silent_sender_is_a_fault_and_a_gap_until_it_is_heard()
    {
        var story = Receiving.Hears(6, new SenderSilent(Sample.Time(1), "Nothing came to port 40000."));
        Assert.Equal(["FaultMet", "PictureLost"], story.Events);
        Assert.Equal(new SessionGap(Sample.Time(1), null, FaultCode.SenderSilent), Assert.Single(story.State.Gaps));
        Assert.Equal(FaultCode.SenderSilent, Assert.Single(story.State.Faults).Code);
        Assert.Empty(story.Hears(7, new SenderSilent(Sample.Time(1), "Nothing came to port 40000.")).Last);

        story = story
            .Hears(8, new FirstFrameWritten(story.CurrentPath, Sample.Time(8)))
            .Hears(8, new SenderHeard(Sample.Time(8)));
        Assert.Equal(Sample.Time(8), Assert.Single(story.State.Gaps).To);
        Assert.Empty(story.Hears(9, new SenderHeard(Sample.Time(9))).Last);
    }

    [Fact]
    public void A_sender_that_is_not_recorded_is_a_fault_and_no_gap()
    {
        var story = Receiving.Hears(6, new SenderIgnored(Sample.Time(5), "Two senders."));

        Assert.Equal(["FaultMet"], story.Events);
        Assert.Equal(
            (FaultCode.SenderIgnored, "Two senders."),
            (Assert.Single(story.State.Faults).Code, Assert.Single(story.State.Faults).Message)
        );
        Assert.Empty(story.State.Gaps);
    }

    [Fact]
    public void A_worker_lost_while_its_sender_is_silent_leaves_no_gap_that_never_ends()
    {
        var lost = Receiving.Hears(6, new SenderSilent(Sample.Time(1), "Nothing came to port 40000."));
        lost = lost.Hears(9, new WorkerLost(lost.CurrentPath, FaultCode.PipelineFailed, "It died."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(9)));
        var next = lost.Hears(10, new PortsBound(lost.CurrentPath, Endpoint, Sample.Time(10)));

        var heard = next.Hears(12, new FirstFrameWritten(next.CurrentPath, Sample.Time(12)));
        var silent = heard.Hears(30, new SenderSilent(Sample.Time(25), "Nothing came to port 40000."));
        var stillSilent = next.Hears(15, new SenderSilent(Sample.Time(10), "Nothing came to port 40000."))
            .Hears(20, new FirstFrameWritten(next.CurrentPath, Sample.Time(20)))
            .Hears(20, new SenderHeard(Sample.Time(20)));

        Assert.Equal(
            new SessionGap(Sample.Time(1), Sample.Time(12), FaultCode.SenderSilent),
            Assert.Single(heard.State.Gaps)
        );
        Assert.Equal((2, null), (silent.State.Gaps.Count, silent.State.Gaps[1].To));
        Assert.Equal(
            new SessionGap(Sample.Time(1), Sample.Time(20), FaultCode.SenderSilent),
            Assert.Single(stillSilent.State.Gaps)
        );
    }

    [Fact]
    public void A_reception_that_fails_is_a_fault_and_the_session_goes_on()
    {
        var story = Receiving.Hears(3, new ReceptionFailed(Sample.Time(3), "It failed and is begun anew."));

        Assert.Equal(["FaultMet"], story.Events);
        Assert.Equal(
            (SessionPhase.Recording, FaultCode.PipelineFailed),
            (story.State.Phase, Assert.Single(story.State.Faults).Code)
        );
    }

    [Fact]
    public void The_next_attempt_is_asked_to_bind_the_same_ports()
    {
        var story = Receiving.Then(state =>
            SessionDecisions.Resume(state, RtpSpec, Sample.ResumeWindow, Sample.At(60))
        );
        var begin = Assert.IsType<BeginRecording>(
            SessionWork.Next(story.State, new MediaStanding(), leaving: false).Commands[0]
        );

        Assert.Equal((2, Endpoint), (begin.Attempt, begin.Endpoint));
        Assert.Equal(
            ["SessionPortsBound"],
            story.Hears(61, new PortsBound(story.CurrentPath, Endpoint, Sample.Time(61))).Events
        );
    }

    [Fact]
    public void A_stop_of_a_session_that_never_received_says_so_and_lists_no_record()
    {
        var story = Receiving.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)));
        story = story
            .Hears(21, new RecordUnrecoverable(story.CurrentPath, "Nothing was received.", FaultCode.SenderSilent))
            .Ends(21);

        Assert.Equal(SessionPhase.Stopped, story.State.Phase);
        Assert.Empty(story.State.Summarise().Records);
        Assert.Equal(FaultCode.SenderSilent, Assert.Single(story.State.Faults).Code);
        Assert.True(story.State.EverRecorded);
    }
}
