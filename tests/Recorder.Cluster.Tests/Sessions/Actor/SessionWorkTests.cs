using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionWorkTests
{
    private static readonly MediaStanding Writing = new()
    {
        Up = true,
        Writing = Sample.FirstRecord,
        Page = Assert.IsType<PageSessionSpec>(Sample.Spec),
    };

    [Fact]
    public void A_named_record_is_begun_with_a_whole_media_set()
    {
        var (commands, standing) = SessionWork.Next(Story.Starting.State, new MediaStanding(), leaving: false);

        Assert.Equal([new BeginRecording(1, Sample.Spec, Sample.FirstRecord)], commands);
        Assert.Equal(Writing, standing with { Repairing = Writing.Repairing });
    }

    [Fact]
    public void What_was_asked_for_is_not_asked_for_again()
    {
        var (_, standing) = SessionWork.Next(Story.Starting.State, new MediaStanding(), leaving: false);

        Assert.Empty(SessionWork.Next(Story.Starting.State, standing, leaving: false).Commands);
        Assert.Empty(SessionWork.Next(Story.Recording.State, standing, leaving: false).Commands);
    }

    [Fact]
    public void After_a_lost_worker_the_next_record_goes_on_first_and_then_the_old_one_is_repaired()
    {
        var story = Story.OnTheWayToTheNextRecord;
        var (commands, standing) = SessionWork.Next(story.State, Writing with { Writing = null }, leaving: false);

        Assert.Equal(
            [
                new ResumeRecording(story.CurrentPath),
                new RepairRecord(Sample.FirstRecord, RecordContainer.Mp4) { Opened = true },
            ],
            commands
        );
        Assert.Empty(SessionWork.Next(story.State, standing, leaving: false).Commands);
    }

    [Fact]
    public void After_a_lost_node_the_next_record_begins_with_a_whole_media_set()
    {
        var story = Story.Recording.Then(state =>
            SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, Sample.At(30))
        );
        var (commands, _) = SessionWork.Next(story.State, new MediaStanding(), leaving: false);

        Assert.Equal(
            [
                new BeginRecording(2, Sample.Spec, story.CurrentPath) { Resumes = true, Rejoins = true },
                new RepairRecord(Sample.FirstRecord, RecordContainer.Mp4) { Opened = true },
            ],
            commands
        );
    }

    [Fact]
    public void A_stop_finishes_the_record_once()
    {
        var (commands, standing) = SessionWork.Next(Story.Stopping.State, Writing, leaving: false);

        Assert.Equal([new FinishRecording()], commands);
        Assert.Empty(SessionWork.Next(Story.Stopping.State, standing, leaving: false).Commands);
    }

    [Fact]
    public void A_start_that_is_given_up_is_undone_once()
    {
        var (commands, standing) = SessionWork.Next(Story.StoppedAtStart.State, Writing, leaving: false);

        Assert.Equal([new FinishRecording()], commands);
        Assert.Empty(SessionWork.Next(Story.StoppedAtStart.State, standing, leaving: false).Commands);
    }

    [Fact]
    public void A_leaving_node_finishes_its_record_and_begins_nothing()
    {
        Assert.Equal([new FinishRecording()], SessionWork.Next(Story.Recording.State, Writing, leaving: true).Commands);
        Assert.Empty(
            SessionWork
                .Next(Story.OnTheWayToTheNextRecord.State, Writing with { Writing = null }, leaving: true)
                .Commands
        );
        Assert.Empty(SessionWork.Next(Story.Starting.State, new MediaStanding(), leaving: true).Commands);
    }

    [Fact]
    public void A_session_that_is_to_end_repairs_what_is_left_and_begins_nothing()
    {
        var story = Story.Stopping.Hears(
            21,
            new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "The worker was killed.")
        );
        var (commands, standing) = SessionWork.Next(
            story.State,
            Writing with
            {
                Writing = null,
                Finishing = false,
            },
            leaving: false
        );

        Assert.Equal([new RepairRecord(Sample.FirstRecord, RecordContainer.Mp4) { Opened = true }], commands);
        Assert.Empty(SessionWork.Next(story.State, standing, leaving: false).Commands);
    }

    [Fact]
    public void A_new_media_side_is_asked_again_for_the_repairs_its_predecessor_left()
    {
        var story = Story.OnTheWayToTheNextRecord.Hears(
            14,
            new MediaFailed(FaultCode.DisplayFailed, "The display server died.")
        );
        var (commands, _) = SessionWork.Next(story.State, new MediaStanding(), leaving: false);

        Assert.Equal(
            [
                new RepairRecord(Sample.FirstRecord, RecordContainer.Mp4) { Opened = true },
                new RepairRecord(story.State.Records[1].Path, RecordContainer.Mp4),
            ],
            commands
        );
    }

    [Fact]
    public void Of_an_ended_session_nothing_is_asked() =>
        Assert.Empty(SessionWork.Next(Story.Stopped.State, new MediaStanding(), leaving: false).Commands);

    [Fact]
    public void An_ended_session_in_whose_list_an_open_record_is_put_has_no_media_made_for_it()
    {
        var found = Story.Stopped.State.Apply(
            new RecordFound("/records/found.mp4", 2, Sample.Time(20), null, null, Sample.Time(30), Sample.Node)
        );
        Assert.NotEmpty(found.Unrepaired);
        Assert.Empty(SessionWork.Next(found, new MediaStanding(), leaving: false).Commands);
    }
}
