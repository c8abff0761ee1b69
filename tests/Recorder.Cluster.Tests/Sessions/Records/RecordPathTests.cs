using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Records;

public sealed class RecordPathTests
{
    [Fact]
    public void The_first_session_has_the_name_of_the_originals_example() =>
        Assert.Equal("/records/2021-09-22_07:56:00__0.mp4", Next(1, RecordContainer.Mp4, Sample.Begin));

    [Theory]
    [InlineData(1, "__0.mp4")]
    [InlineData(2, "__1.mp4")]
    [InlineData(1000, "__999.mp4")]
    public void The_number_in_a_name_is_one_less_than_the_id(int id, string ending) =>
        Assert.EndsWith(ending, Next(id, RecordContainer.Mp4, Sample.Begin), StringComparison.Ordinal);

    [Theory]
    [InlineData(RecordContainer.Mp4, ".mp4")]
    [InlineData(RecordContainer.Ts, ".ts")]
    [InlineData(RecordContainer.Mkv, ".mkv")]
    internal void A_name_ends_with_its_container(RecordContainer container, string ending) =>
        Assert.EndsWith(ending, Next(1, container, Sample.Begin), StringComparison.Ordinal);

    [Fact]
    public void Every_container_has_an_extension()
    {
        foreach (var container in Enum.GetValues<RecordContainer>())
        {
            Assert.NotEmpty(Path.GetExtension(Next(1, container, Sample.Begin)));
        }
    }

    [Fact]
    public void A_name_is_known_as_that_of_its_session_and_of_no_other()
    {
        foreach (var container in Enum.GetValues<RecordContainer>())
        {
            var name = Path.GetFileName(Next(12, container, Sample.Begin));
            Assert.True(RecordPath.IsNameOf(new SessionId(12), name), name);
            foreach (var other in new[] { 1, 2, 11, 13, 112 })
            {
                Assert.False(RecordPath.IsNameOf(new SessionId(other), name), $"{name} of session {other}");
            }
        }
    }

    [Fact]
    public void The_time_in_a_name_is_utc_wherever_the_clock_stands()
    {
        var inPrague = new DateTimeOffset(2021, 9, 22, 9, 56, 0, TimeSpan.FromHours(2));

        Assert.Equal("/records/2021-09-22_07:56:00__0.mp4", Next(1, RecordContainer.Mp4, inPrague));
    }

    [Fact]
    public void A_name_that_was_given_is_not_given_again_within_the_same_second()
    {
        var state = Story.Starting.State;
        for (var count = 1; count < 5; count++)
        {
            var path = RecordPath.Next(Sample.Folder, state, RecordContainer.Mp4, Sample.Begin);
            Assert.DoesNotContain(state.Records, record => record.Path == path);
            state = state.Apply(new RecordNamed(path, 1, Sample.Begin, Sample.Node));
        }

        Assert.Equal("/records/2021-09-22_07:56:04__0.mp4", state.Records[^1].Path);
    }

    private static string Next(int id, RecordContainer container, DateTimeOffset at) =>
        RecordPath.Next(Sample.Folder, new SessionState(new SessionId(id)), container, at);
}
