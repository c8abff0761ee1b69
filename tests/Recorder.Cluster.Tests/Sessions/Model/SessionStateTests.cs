using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Model;

public sealed class SessionStateTests
{
    private const string Path = Sample.FirstRecord;

    [Fact]
    public void A_start_names_its_record_before_anything_is_written()
    {
        var state = Story.Starting.State;

        Assert.Equal(SessionPhase.Starting, state.Phase);
        Assert.Equal(1, state.Attempt);
        Assert.Equal(Path, state.Current);
        Assert.Equal(Path, Assert.Single(state.Records).Path);
        Assert.False(state.Started);
        Assert.False(state.EverRecorded);
    }

    [Fact]
    public void The_first_frame_makes_a_session_recording()
    {
        var state = Story.Starting.Hears(2, new FirstFrameWritten(Path, Sample.Time(2))).State;

        Assert.Equal(SessionPhase.Recording, state.Phase);
        Assert.Equal(Sample.Time(2), state.PhaseSince);
        Assert.True(state.Started);
        Assert.Empty(state.Gaps);
    }

    [Fact]
    public void A_growing_record_is_evidence_and_keeps_its_counts()
    {
        var state = Story.Recording.State;

        Assert.Equal(Sample.Time(10), state.LastEvidence);
        Assert.Equal((200, 1), (state.Records[0].FramesCaptured, state.Records[0].FramesDropped));
    }

    [Theory]
    [InlineData(350L, 350)]
    [InlineData(null, 451)]
    public void A_record_holds_the_frames_that_were_captured_unless_they_were_counted_apart(
        long? recorded,
        long expected
    ) =>
        Assert.Equal(
            expected,
            Story
                .Recording.State.Apply(
                    new RecordConfirmed(Path, 451, 1, Sample.Time(11), Sample.Node) { FramesRecorded = recorded }
                )
                .Records[0]
                .FramesRecorded
        );

    [Fact]
    public void Evidence_never_goes_back_in_time()
    {
        var state = Story.Recording.State.Apply(new RecordConfirmed(Path, 201, 1, Sample.Time(4), Sample.Node));

        Assert.Equal(Sample.Time(10), state.LastEvidence);
    }

    [Fact]
    public void A_closed_record_is_no_longer_current_and_has_its_duration_and_size()
    {
        var state = Story.Stopped.State;

        var record = Assert.Single(state.Records);
        Assert.Null(state.Current);
        Assert.Equal((TimeSpan.FromSeconds(18), 12_000_000L), (record.Duration!.Value, record.Bytes!.Value));
        Assert.False(record.Repaired);
        Assert.Equal(SessionPhase.Stopped, state.Phase);
    }

    [Fact]
    public void A_gap_lasts_from_the_last_evidence_to_the_next_first_frame()
    {
        var story = Story.OnTheWayToTheNextRecord;
        Assert.Equal(new SessionGap(Sample.Time(10), null, FaultCode.PipelineFailed), Assert.Single(story.State.Gaps));

        var state = story.Hears(13, new FirstFrameWritten(story.CurrentPath, Sample.Time(13))).State;
        Assert.Equal(
            new SessionGap(Sample.Time(10), Sample.Time(13), FaultCode.PipelineFailed),
            Assert.Single(state.Gaps)
        );
        Assert.Equal(SessionPhase.Recording, state.Phase);
    }

    [Fact]
    public void A_repaired_record_tells_where_the_gap_after_it_really_began()
    {
        var story = Story.OnTheWayToTheNextRecord;
        story = story.Hears(13, new FirstFrameWritten(story.CurrentPath, Sample.Time(13)));
        var end = story.State.Records[0].OpenedAt!.Value + TimeSpan.FromSeconds(9.7);
        var state = story.Hears(15, new RecordFinished(Path, TimeSpan.FromSeconds(9.7), 1000, Repaired: true)).State;

        Assert.True(
            end > Sample.Time(10) && end < Sample.Time(13),
            $"The story has changed: the record ends at {end}."
        );
        Assert.Equal(new SessionGap(end, Sample.Time(13), FaultCode.PipelineFailed), Assert.Single(state.Gaps));
    }

    [Fact]
    public void What_a_records_playlist_holds_is_kept_however_it_ended()
    {
        var length = new HlsLength(4, 1);
        Assert.Equal(
            length,
            Story
                .Stopping.Hears(
                    21,
                    new RecordFinished(Path, TimeSpan.FromSeconds(18), 1000, Repaired: false) { Hls = length }
                )
                .State.Summarise()
                .Records[0]
                .Hls
        );
        Assert.Equal(
            length,
            Story
                .OnTheWayToTheNextRecord.Hears(
                    15,
                    new RecordFinished(Path, TimeSpan.FromSeconds(9), 1000, Repaired: true) { Hls = length }
                )
                .State.Summarise()
                .Records[0]
                .Hls
        );
        Assert.Null(Story.Stopped.State.Summarise().Records[0].Hls);
    }

    [Fact]
    public void A_record_stands_apart_that_opened_before_the_one_of_a_lost_node_was_closed()
    {
        // The worker of this node is gone: what its playlist holds can be read.
        var worker = Story.OnTheWayToTheNextRecord;
        worker = worker.Hears(13, new FirstFrameWritten(worker.CurrentPath, Sample.Time(13)));
        Assert.Equal([false, false], worker.State.Summarise().Records.Select(record => record.Apart));

        // Nothing of it can be: its segments might have been counted as lost before.
        var gone = worker.Hears(14, new RecordUnrecoverable(Path, "Its file was removed."));
        Assert.Equal([true], gone.State.Summarise().Records.Select(record => record.Apart));
        Assert.Equal(
            [gone.State.Records[0].OpenedAt],
            gone.State.Summarise().Records.Select(record => record.LostSince)
        );
        Assert.All(worker.State.Summarise().Records, record => Assert.Null(record.LostSince));

        var next = new RecordOpened("/records/2021-09-22_07:59:00__0.mp4", Sample.Time(180), Sample.OtherNode);
        ISessionEvent[] elsewhere =
        [
            new AttemptStarted(2, Sample.Time(179), Sample.OtherNode),
            new RecordNamed(next.Path, 2, Sample.Time(179), Sample.OtherNode),
            next,
        ];
        var closed = new RecordClosed(Path, TimeSpan.FromSeconds(9), 1000, true, Sample.Time(400), Sample.OtherNode);

        // The session's node was lost, and is there again later. Or the session was handed over in order.
        Assert.True(
            elsewhere
                .Append(closed)
                .Aggregate(Story.Recording.State, (state, happened) => state.Apply(happened))
                .Summarise()
                .Records[1]
                .Apart
        );
        Assert.False(
            elsewhere
                .Prepend(closed)
                .Aggregate(Story.Recording.State, (state, happened) => state.Apply(happened))
                .Summarise()
                .Records[1]
                .Apart
        );
    }

    [Fact]
    public void A_record_that_was_found_later_is_said_so()
    {
        var found = new RecordFound(
            "/records/2021-09-22_07:56:05__0.mp4",
            2,
            Sample.Time(5),
            null,
            null,
            Sample.Time(60),
            Sample.OtherNode
        );
        var state = Story.OnTheWayToTheNextRecord.State.Apply(found);
        state = state.Apply(new RecordOpened(state.Current!, Sample.Time(61), Sample.At(61).Node));

        Assert.Equal(
            [(false, false), (true, false), (false, false)],
            state.Summarise().Records.Select(record => (record.Found, record.Apart))
        );
    }

    [Fact]
    public void The_number_of_a_record_stays_when_a_record_is_found_before_it_or_lost()
    {
        var found = new RecordFound(
            "/records/2021-09-22_07:56:05__0.mp4",
            2,
            Sample.Time(5),
            null,
            null,
            Sample.Time(60),
            Sample.OtherNode
        );
        var before = Story.OnTheWayToTheNextRecord.State;
        Assert.Equal([1, 2], before.Summarise().Records.Select(record => record.Number));

        var after = before.Apply(found);
        Assert.Equal([1, 3, 2], after.Summarise().Records.Select(record => record.Number));
        Assert.Equal(
            [1, 2, 4],
            after
                .Apply(new RecordLost(found.Path, "Gone.", Sample.Time(61), Sample.OtherNode))
                .Apply(new RecordNamed("/records/2021-09-22_07:59:00__0.mp4", 3, Sample.Time(62), Sample.Node))
                .Summarise()
                .Records.Select(record => record.Number)
        );
    }

    [Fact]
    public void The_records_of_a_snapshot_without_numbers_are_numbered_by_their_places_and_keep_these_numbers()
    {
        var before = Story.OnTheWayToTheNextRecord.State;
        var old = before with { Records = before.Records.ConvertAll(record => record with { Number = 0 }) };
        var found = new RecordFound(
            "/records/2021-09-22_07:56:05__0.mp4",
            2,
            Sample.Time(5),
            null,
            null,
            Sample.Time(60),
            Sample.OtherNode
        );

        Assert.Equal([1, 2], old.Summarise().Records.Select(record => record.Number));
        Assert.Equal([1, 3, 2], old.Apply(found).Summarise().Records.Select(record => record.Number));
    }

    [Theory]
    [InlineData("7-2", 7, 2)]
    [InlineData("1-1", 1, 1)]
    [InlineData("2147483647-2147483647", int.MaxValue, int.MaxValue)]
    public void An_id_of_a_record_is_read_as_written(string text, int session, int number)
    {
        Assert.True(RecordId.TryParse(text, out var id));
        Assert.Equal(new RecordId(new SessionId(session), number), id);
        Assert.Equal(text, $"{id}");
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("7")]
    [InlineData("7-0")]
    [InlineData("0-1")]
    [InlineData("07-1")]
    [InlineData("7-1 ")]
    [InlineData("7--1")]
    [InlineData("7-1-1")]
    [InlineData("2147483648-1")]
    [InlineData("../7-1")]
    public void What_is_no_id_of_a_record_is_not_read(string? text) => Assert.False(RecordId.TryParse(text, out _));

    [Fact]
    public void No_two_records_of_a_session_have_one_name_though_they_lie_in_folders_of_different_nodes()
    {
        var path = RecordPath.Next("/elsewhere", Story.Recording.State, RecordContainer.Mp4, Sample.Time(0));

        Assert.StartsWith("/elsewhere/", path, StringComparison.Ordinal);
        Assert.NotEqual(System.IO.Path.GetFileName(Sample.FirstRecord), System.IO.Path.GetFileName(path));
    }

    [Fact]
    public void A_repaired_record_does_not_shorten_the_gap_of_a_lost_browser()
    {
        var story = Story
            .Recording.Hears(11, new BrowserLost(Sample.Time(11), "The browser crashed."))
            .Hears(13, new WorkerLost(Path, FaultCode.PipelineFailed, "The worker was killed."));
        var state = story.Hears(15, new RecordFinished(Path, TimeSpan.FromSeconds(10.9), 1000, Repaired: true)).State;

        Assert.Equal(Sample.Time(11), Assert.Single(state.Gaps).From);
    }

    [Fact]
    public void A_lost_browser_opens_a_gap_and_the_restored_one_closes_it_inside_the_same_record()
    {
        var state = Story
            .Recording.Hears(11, new BrowserLost(Sample.Time(11), "The browser crashed."))
            .Hears(14, new BrowserRestored(Sample.Time(14)))
            .State;

        Assert.Equal(
            new SessionGap(Sample.Time(11), Sample.Time(14), FaultCode.BrowserFailed),
            Assert.Single(state.Gaps)
        );
        Assert.Equal(SessionPhase.Recording, state.Phase);
        Assert.Equal(Path, state.Current);
    }

    [Fact]
    public void A_restored_browser_does_not_close_the_gap_of_a_worker_that_is_still_away()
    {
        var story = Story
            .Recording.Hears(11, new BrowserLost(Sample.Time(11), "The browser crashed."))
            .Hears(12, new WorkerLost(Path, FaultCode.PipelineFailed, "The worker was killed."))
            .Hears(13, new BrowserRestored(Sample.Time(13)));

        Assert.Null(Assert.Single(story.State.Gaps).To);
    }

    [Fact]
    public void The_next_record_does_not_close_the_gap_of_a_browser_that_is_still_away()
    {
        var story = Story
            .Recording.Hears(11, new BrowserLost(Sample.Time(11), "The browser crashed."))
            .Hears(12, new WorkerLost(Path, FaultCode.PipelineFailed, "The worker was killed."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(12)));
        story = story.Hears(13, new FirstFrameWritten(story.CurrentPath, Sample.Time(13)));
        Assert.Null(Assert.Single(story.State.Gaps).To);

        Assert.Equal(
            Sample.Time(15),
            Assert.Single(story.Hears(15, new BrowserRestored(Sample.Time(15))).State.Gaps).To
        );
    }

    [Fact]
    public void A_new_media_set_brings_its_own_browser()
    {
        var story = Story
            .Recording.Hears(11, new BrowserLost(Sample.Time(11), "The browser crashed."))
            .Hears(12, new MediaFailed(FaultCode.BrowserFailed, "The browser does not start."))
            .Then(state => SessionDecisions.Retry(state, Sample.ResumeWindow, Sample.At(13)));
        story = story.Hears(15, new FirstFrameWritten(story.CurrentPath, Sample.Time(15)));

        // From the last evidence before the browser went, which is the truth one can be sure of.
        Assert.Equal(Sample.Time(15), Assert.Single(story.State.Gaps).To);
        Assert.False(story.State.PictureGone);
    }

    [Fact]
    public void A_gap_does_not_reach_into_the_one_before_it()
    {
        var state = Story
            .Recording.Hears(11, new BrowserLost(Sample.Time(11), "The browser crashed."))
            .Hears(14, new BrowserRestored(Sample.Time(14)))
            .Hears(15, new WorkerLost(Path, FaultCode.PipelineFailed, "The worker was killed."))
            .State;

        Assert.Equal([Sample.Time(11), Sample.Time(14)], state.Gaps.Select(gap => gap.From));
    }

    [Fact]
    public void A_gap_never_ends_before_it_begins_when_the_next_nodes_clock_is_behind()
    {
        var story = Story.OnTheWayToTheNextRecord;
        var state = story.Hears(13, new FirstFrameWritten(story.CurrentPath, Sample.Time(3))).State;

        var gap = Assert.Single(state.Gaps);
        Assert.Equal(gap.From, gap.To);
    }

    [Fact]
    public void A_decided_end_closes_the_gap_and_no_later_fault_opens_another()
    {
        var story = Story.WithoutMedia.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)));
        Assert.Equal(Sample.Time(20), Assert.Single(story.State.Gaps).To);

        story = Story.Stopping.Hears(21, new WorkerLost(Path, FaultCode.PipelineFailed, "The worker was killed."));
        Assert.Empty(story.State.Gaps);
        Assert.Equal(SessionPhase.Stopping, story.State.Phase);
    }

    [Fact]
    public void A_record_that_opens_while_the_session_ends_does_not_make_it_recording_again()
    {
        var story = Story.OnTheWayToTheNextRecord.Then(state =>
            SessionDecisions.Stop(state, alive: true, Sample.At(13))
        );
        story = story.Hears(14, new FirstFrameWritten(story.CurrentPath, Sample.Time(14)));

        Assert.Equal(SessionPhase.Stopping, story.State.Phase);
        Assert.NotNull(story.State.Records[1].OpenedAt);
    }

    [Fact]
    public void A_record_repaired_before_anyone_heard_of_its_first_frame_is_dated_by_its_name()
    {
        var state = Story
            .Starting.Then(state => SessionDecisions.Settle(state, Sample.At(300)))
            .Hears(301, new RecordFinished(Path, TimeSpan.FromSeconds(4), 1000, Repaired: true))
            .State;

        Assert.Equal(Sample.Time(0), Assert.Single(state.Records).OpenedAt);
        Assert.True(state.EverRecorded);
        Assert.False(state.Started);
    }

    [Fact]
    public void Only_the_newest_hundred_faults_and_gaps_are_kept()
    {
        var state = Enumerable
            .Range(11, 150)
            .Aggregate(
                Story.Recording,
                (story, second) =>
                    story
                        .Hears(second, new BrowserLost(Sample.Time(second), $"Crash at {second}."))
                        .Hears(second + 0.5, new BrowserRestored(Sample.Time(second + 0.5)))
            )
            .State;

        Assert.Equal(SessionState.FaultsKept, state.Faults.Count);
        Assert.Equal(SessionState.FaultsKept, state.Gaps.Count);
        Assert.Equal("Crash at 160.", state.Faults[^1].Message);
    }

    [Fact]
    public void A_lost_record_is_not_told_to_the_outside()
    {
        var story = Story.OnTheWayToTheNextRecord.Hears(
            13,
            new RecordUnrecoverable(Path, "Nothing playable is in the file.")
        );

        var summary = story.State.Summarise();
        Assert.Equal(story.CurrentPath, Assert.Single(summary.Records).Path);
        Assert.Contains(summary.Faults, fault => fault.Message == "Nothing playable is in the file.");
    }

    [Fact]
    public void A_record_that_was_removed_while_it_grew_is_a_gap_from_its_first_frame_on_and_the_next_one_follows()
    {
        var story = Story
            .Recording.Hears(12, new RecordUnrecoverable(Path, "It was removed."))
            .Hears(12, new WorkerLost(Path, FaultCode.PipelineFailed, "It lost its record."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(12)));
        var next = story.CurrentPath;
        story = story.Hears(14, new FirstFrameWritten(next, Sample.Time(14)));

        var summary = story.State.Summarise();
        Assert.Equal(SessionPhase.Recording, summary.Phase);
        Assert.Equal(next, Assert.Single(summary.Records).Path);
        Assert.Equal(["It was removed.", "It lost its record."], summary.Faults.Select(fault => fault.Message));
        Assert.Equal(
            new SessionGap(Sample.Time(2), Sample.Time(14), FaultCode.PipelineFailed),
            Assert.Single(summary.Gaps)
        );
    }

    [Fact]
    public void A_session_whose_folder_went_away_with_its_record_fails_for_that()
    {
        var story = Story
            .Recording.Hears(12, new RecordUnrecoverable(Path, "It was removed."))
            .Hears(12, new WorkerLost(Path, FaultCode.PipelineFailed, "It lost its record."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(12)))
            .Hears(13, new MediaFailed(FaultCode.RecordsFolderUnavailable, "The folder is missing."));
        story = story
            .State.Unrepaired.Aggregate(
                story,
                (told, record) => told.Hears(14, new RecordUnrecoverable(record.Path, "There is no file."))
            )
            .Ends(15);

        var summary = story.State.Summarise();
        Assert.Equal(SessionPhase.Failed, summary.Phase);
        Assert.Equal(FaultCode.RecordsFolderUnavailable, story.State.Outcome!.Code);
        Assert.Empty(summary.Records);
        var gap = Assert.Single(summary.Gaps);
        Assert.Equal((Sample.Time(2), Sample.Time(13)), (gap.From, gap.To));
    }

    [Fact]
    public void A_session_that_is_not_accepted_has_nothing_to_tell() =>
        Assert.Throws<InvalidOperationException>(() => Story.New.State.Summarise());
}
