using Akka.Event;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Serialization;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class SessionLogLineTests
{
    public static TheoryData<string> Events => [.. Samples.Keys.Order(StringComparer.Ordinal)];

    private static Dictionary<string, ISessionEvent> Samples { get; } =
        WireSamples
            .All.OfType<ISessionEvent>()
            .GroupBy(sample => sample.GetType().Name)
            .ToDictionary(samples => samples.Key, samples => samples.First());

    [Theory]
    [MemberData(nameof(Events))]
    public void Every_event_is_a_line_for_people_without_secrets(string name)
    {
        var text = SessionLogLine.Of(Samples[name]).Text;
        Assert.DoesNotContain(name, text, StringComparison.Ordinal);
        Assert.DoesNotContain("{ ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("?name=", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_delivery_that_is_given_up_is_a_warning_with_the_reason()
    {
        var line = SessionLogLine.Of(new DeliveryGivenUp("a.mp4", "archive", "The store is full.", default, "node"));
        Assert.Equal(LogLevel.WarningLevel, line.Level);
        Assert.Equal("a.mp4 is not delivered to archive: The store is full.", line.Text);
    }

    [Fact]
    public void The_end_is_told_with_its_reason()
    {
        Assert.Equal(
            "is to end as stopped",
            SessionLogLine.Of(new EndDecided(SessionPhase.Stopped, null, null, default, "node")).Text
        );
        var failed = SessionLogLine.Of(
            new EndDecided(SessionPhase.Failed, "page_failed", "The page did not load.", default, "node")
        );
        Assert.Equal((LogLevel.WarningLevel, "is to end as failed (page_failed): The page did not load."), (failed.Level, failed.Text));
    }
}
