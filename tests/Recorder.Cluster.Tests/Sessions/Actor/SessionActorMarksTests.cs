using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>Marked moments: in a record, in a gap, by the page, and of a record that is repaired.</summary>
public sealed class SessionActorMarksTests : SessionActorTestKit
{
    [Fact]
    public async Task A_mark_is_answered_with_its_place_in_the_record()
    {
        var path = await RecordAsync();

        Ask(new MarkSession(Sample.Id, "Questions"));
        var asked = await Media.ExpectMsgAsync<FindMark>();
        Assert.Equal(("mark-1", "Questions", Clock.GetUtcNow()), (asked.Id, asked.Title, asked.At));
        await HeardAllAsync();
        await NothingForAsync(Edge);
        MediaSays(new MarkFound(path, "mark-1", TimeSpan.FromSeconds(3.2)));

        var mark = (await Edge.ExpectMsgAsync<SessionMarked>()).Mark;
        Assert.Equal((1, TimeSpan.FromSeconds(3.2)), (mark.Record, mark.At));
        Assert.Equal(mark, Assert.Single((await SummaryAsync()).Marks));
    }

    [Fact]
    public async Task A_mark_in_a_gap_is_answered_at_once_and_gets_its_place_in_the_next_record()
    {
        var path = await RecordAsync();
        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));
        var next = await Media.ExpectMsgAsync<ResumeRecording>();

        Ask(new MarkSession(Sample.Id, "Between"));
        Assert.Null((await Edge.ExpectMsgAsync<SessionMarked>()).Mark.Record);
        MediaSays(new FirstFrameWritten(next.RecordPath, Clock.GetUtcNow()));
        await Media.FishForMessageAsync<FindMark>(asked => asked.Id == "mark-1");
        MediaSays(new MarkFound(next.RecordPath, "mark-1", TimeSpan.Zero));

        await HeardAllAsync();
        var mark = Assert.Single((await SummaryAsync()).Marks);
        Assert.Equal((2, TimeSpan.Zero), (mark.Record, mark.At));
    }

    [Fact]
    public async Task A_mark_whose_worker_dies_before_its_answer_is_not_lost()
    {
        var path = await RecordAsync();
        Ask(new MarkSession(Sample.Id, "Late"));
        await Media.ExpectMsgAsync<FindMark>();

        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));

        Assert.Null((await Edge.ExpectMsgAsync<SessionMarked>()).Mark.At);
        var next = await Media.FishForMessageAsync<ResumeRecording>(_ => true);
        MediaSays(new FirstFrameWritten(next.RecordPath, Clock.GetUtcNow()));
        await Media.FishForMessageAsync<FindMark>(asked => asked.Id == "mark-1");
    }

    [Fact]
    public async Task What_the_page_marks_is_marked_and_a_repair_is_told_of_the_chapters()
    {
        var path = await RecordAsync();
        MediaSays(new PageMarks("A\ttitle\n", Clock.GetUtcNow()));
        Assert.Equal("A title", (await Media.ExpectMsgAsync<FindMark>()).Title);
        MediaSays(new MarkFound(path, "mark-1", TimeSpan.FromSeconds(1)));

        MediaSays(new WorkerLost(path, FaultCode.PipelineFailed, "It was killed."));

        var repair = await Media.FishForMessageAsync<RepairRecord>(_ => true);
        Assert.Equal(new RecordMark("A title", TimeSpan.FromSeconds(1)), Assert.Single(repair.Marks));
    }

    [Fact]
    public async Task A_session_that_has_ended_takes_no_mark()
    {
        var path = await RecordAsync();
        Ask(Stop);
        await Media.ExpectMsgAsync<FinishRecording>();
        Ask(new MarkSession(Sample.Id, "Late"));
        Assert.Equal(FaultCode.NotRunning, (await Edge.ExpectMsgAsync<ChangeRefused>()).Code);
        MediaSays(Finished(path));
        await Edge.ExpectMsgAsync<StopDone>();
    }

    [Theory]
    [InlineData("", "Mark 4")]
    [InlineData(" \u0007\n ", "Mark 4")]
    [InlineData("  Vote  ", "Vote")]
    public void A_title_of_the_page_is_one_line(string said, string title) =>
        Assert.Equal(title, MarkDecisions.TitleOf(said, 4));

    [Fact]
    public void A_long_title_of_the_page_is_cut_between_two_characters()
    {
        var title = MarkDecisions.TitleOf(new string('a', SessionMark.LongestTitle - 1) + "😀", 1);

        Assert.Equal(new string('a', SessionMark.LongestTitle - 1), title);
    }

    [Fact]
    public void A_session_has_a_most_of_marks()
    {
        var story = Story
            .New.Then(state => SessionDecisions.Start(state, Sample.Spec, Sample.At(0)))
            .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)));
        for (var i = 0; i < SessionMark.Most; i++)
        {
            story = story.Hears(3, new PageMarks("", Sample.Time(3)));
        }

        Assert.Equal($"mark-{SessionMark.Most}", story.State.Marks[^1].Id);
        Assert.Empty(story.Hears(4, new PageMarks("", Sample.Time(4))).Last);
    }

    [Fact]
    public void What_was_marked_in_a_lost_record_belongs_to_the_next()
    {
        var story = Story
            .New.Then(state => SessionDecisions.Start(state, Sample.Spec, Sample.At(0)))
            .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)))
            .Hears(3, new PageMarks("One", Sample.Time(3)))
            .Hears(3, new MarkFound(Sample.FirstRecord, "mark-1", TimeSpan.FromSeconds(1)));
        Assert.Equal(1, story.State.Marks[0].Record);

        story = story
            .Hears(4, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "Killed."))
            .Hears(5, new RecordUnrecoverable(Sample.FirstRecord, "Empty."));

        Assert.Null(story.State.Marks[0].Record);
    }

    [Fact]
    public void Chapters_of_web_pages_last_until_the_next_and_hide_what_looks_like_a_tag() =>
        Assert.Equal(
            "WEBVTT\n\n00:00:01.040 --> 01:01:01.000\nA &lt;b&gt; &amp; c\n\n01:01:01.000 --> 01:02:00.500\nTwo\n",
            ChaptersFile.Of(
                [
                    new ManifestMark("mark-1", "A <b> & c", 1.04, Sample.Time(1)),
                    new ManifestMark("mark-2", "Two", 3661, Sample.Time(2)),
                ],
                3720.5
            )
        );
}
