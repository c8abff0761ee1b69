using System.Text.Json;
using Akka.Actor;
using Akka.Pattern;
using Microsoft.Data.Sqlite;
using Npgsql;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.ReadModel;

public sealed class UnreadableSessionsTests
{
    public static TheoryData<Exception, bool> Failures =>
        new()
        {
            { new JsonException("The payload of session-event/started:1 is null."), true },
            { new ArgumentException("The message x:9 is not known to this build."), true },
            { new InvalidOperationException("The snapshot could not be read.", new JsonException("No.")), true },
            { new AggregateException(new ArgumentOutOfRangeException("happened")), true },
            { new SqliteException("database is locked", 5), false },
            { new InvalidOperationException("The query failed.", new NpgsqlException("No connection.")), false },
            { new AggregateException(new TimeoutException("Too slow.")), false },
            { new AskTimeoutException("The snapshot store does not answer."), false },
            { new OpenCircuitException("The breaker is open.", TimeSpan.FromSeconds(1)), false },
            { new OperationCanceledException(), false },
        };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public void Only_what_the_journal_holds_makes_a_session_unreadable(Exception failure, bool isOfTheSession) =>
        Assert.Equal(isOfTheSession, UnreadableSessions.IsOfTheSession(failure));

    [Fact]
    public void A_session_is_new_once_and_is_tried_again_after_the_pause()
    {
        var clock = new ManualClock(Sample.Begin);
        var unreadable = new UnreadableSessions(clock);
        Assert.True(unreadable.MayBeTried(Sample.Id));

        Assert.True(unreadable.Add(Sample.Id));
        clock.Advance(UnreadableSessions.Pause - TimeSpan.FromSeconds(1));
        Assert.False(unreadable.MayBeTried(Sample.Id));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(unreadable.MayBeTried(Sample.Id));
        Assert.False(unreadable.Add(Sample.Id));
        Assert.False(unreadable.MayBeTried(Sample.Id));

        Assert.True(unreadable.Remove(Sample.Id));
        Assert.Equal((0, false), (unreadable.Count, unreadable.Remove(Sample.Id)));
        Assert.True(unreadable.MayBeTried(new SessionId(2)));
    }
}
