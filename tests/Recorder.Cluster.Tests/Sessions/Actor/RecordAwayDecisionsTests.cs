using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>What a session makes of records that cannot be looked for.</summary>
public sealed class RecordAwayDecisionsTests
{
    private const string Reason = "The disk is not mounted.";

    private static readonly FolderId Folder = FolderId.New();
    private static readonly NodeId Node = NodeId.New();

    [Fact]
    public void A_record_and_its_attempt_name_the_folder_and_the_node()
    {
        var story = Story.New.Then(state =>
            SessionDecisions.Start(state, Sample.Spec, Sample.At(0) with { Folder = Folder, NodeId = Node })
        );

        Assert.Equal(Node, story.Last.OfType<AttemptStarted>().Single().NodeId);
        Assert.Equal(Folder, story.State.Records.Single().Folder);
        Assert.Equal(Folder, story.State.Summarise().Records.Single().Folder);
    }

    [Fact]
    public void A_record_that_is_away_stays_listed_is_said_once_and_does_not_keep_the_session_from_its_end()
    {
        var story = Story
            .WithoutMedia.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)))
            .Ends(20);
        Assert.False(story.State.Ended);

        var away = story.Hears(21, new RecordNotHere(Sample.FirstRecord, Reason));
        Assert.IsType<RecordWentAway>(Assert.Single(away.Last));
        Assert.Empty(away.Hears(22, new RecordNotHere(Sample.FirstRecord, Reason)).Last);
        Assert.Equal(Reason, away.State.Summarise().Records.Single().Away);

        var ended = away.Ends(23);
        Assert.True(ended.State.Ended);
        Assert.DoesNotContain(ended.State.Faults, fault => fault.Message == Reason);

        // The folder is back.
        Assert.Single(ended.State.UnrepairedOn(Sample.Node, []));
        var closed = ended.Hears(
            30,
            new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(8), 6_000_000, Repaired: true)
        );
        var record = Assert.Single(closed.State.Summarise().Records);
        Assert.Equal((true, null), (record.Finished, record.Away));
    }

    [Fact]
    public void A_record_is_asked_for_where_its_folder_is()
    {
        var state = Story
            .New.Then(state => SessionDecisions.Start(state, Sample.Spec, Sample.At(0) with { Folder = Folder }))
            .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)))
            .Hears(12, new MediaFailed(FaultCode.DisplayFailed, "The display server died."))
            .State;

        Assert.Single(state.UnrepairedOn(Sample.OtherNode, [FolderId.New(), Folder]));
        Assert.Empty(state.UnrepairedOn(Sample.Node, [FolderId.New()]));

        // A node that does not tell of its folder is asked by its address.
        Assert.Single(state.UnrepairedOn(Sample.Node, []));
    }
}
