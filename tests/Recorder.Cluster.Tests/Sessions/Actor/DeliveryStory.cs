using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>The life of one delivery, for the tests of its decisions.</summary>
internal static class DeliveryStory
{
    public const string Kind = "command";
    public const string RecordPath = Sample.FirstRecord;
    public static readonly DeliveryPatience Patience = new(TimeSpan.FromDays(7), Attempts: 3);

    /// <summary>A session that has ended, whose record has its manifest and is to be delivered.</summary>
    public static Story Ready =>
        Story
            .Stopped.Then(_ => [new DeliveryPlanned(RecordPath, Kind, Sample.Time(21), Sample.Node)])
            .Then(_ => [new ManifestWritten(RecordPath, new string('a', 64), Sample.Time(22), Sample.Node)]);

    public static Story Running => Hears(Ready, new DeliveryRunning(RecordPath, Kind, 1), 23);

    public static DeliverySummary Of(Story story) => Assert.Single(story.State.Records[0].Deliveries);

    public static Story Hears(Story story, DeliveryReply heard, double at) =>
        story.Then(state => DeliveryDecisions.Hear(state, heard, Patience, Sample.At(at)));

    public static Story Fails(Story story, int attempt) => Fails(story, attempt, Patience, 25 + attempt);

    public static Story Fails(Story story, int attempt, DeliveryPatience patience, double at) =>
        story.Then(state =>
            DeliveryDecisions.Hear(
                state,
                new DeliveryNotDone(RecordPath, Kind, attempt, 7, "no", "It refused.", MayPass: true),
                patience,
                Sample.At(at)
            )
        );

    public static Story Unanswered(Story story) =>
        story.Then(state => DeliveryDecisions.Unanswered(state, RecordPath, Kind, Sample.At(90)));
}
