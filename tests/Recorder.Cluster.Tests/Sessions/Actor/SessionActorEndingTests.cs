using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>A session that ends by itself. The clock stands still until a test moves it.</summary>
public sealed class SessionActorEndingTests : SessionActorTestKit
{
    private static readonly StartSession StartForAMinute = new(
        Sample.Id,
        Sample.Spec with
        {
            End = new EndRules { MaxDuration = TimeSpan.FromMinutes(3) },
        }
    );

    [Fact]
    public async Task A_session_ends_when_its_time_is_over_although_nothing_else_happens()
    {
        var path = await BeginAsync();
        Assert.Equal(Sample.Time(180), (await SummaryAsync()).EndsAt);

        Pass(119);
        await NothingForAsync(Media);
        Pass(1);
        await HeardAllAsync();
        Pass(60);
        await Media.ExpectMsgAsync<FinishRecording>();
        MediaSays(Finished(path));

        var ended = await ReportAsync(SessionPhase.Stopped);
        Assert.Equal((EndReason.MaxDuration, true), (ended.EndReason, ended.Records[0].Finished));
    }

    [Fact]
    public async Task A_restart_inside_the_record_keeps_the_time_and_ends_the_session_once()
    {
        await BeginAsync();
        await LoseNodeAsync(secondsAway: 60);
        Ask(Resume);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await HeardAllAsync();

        Pass(60);
        await HeardAllAsync();
        Pass(60);
        await Media.FishForMessageAsync(message => message is FinishRecording, TimeSpan.FromSeconds(10));
        MediaSays(Finished(begin.RecordPath!));
        MediaSays(Repaired(Sample.FirstRecord));

        Assert.Equal(EndReason.MaxDuration, (await ReportAsync(SessionPhase.Stopped)).EndReason);
    }

    [Fact]
    public async Task A_change_moves_the_end_of_a_running_session()
    {
        await BeginAsync();
        Ask(
            new ChangeTargets(Sample.Id, [], [])
            {
                End = new EndChange(new EndRules { MaxDuration = TimeSpan.FromMinutes(10) }, [EndField.MaxDuration]),
            }
        );
        var changed = await Edge.ExpectMsgAsync<SessionChanged>();
        Assert.Equal(Sample.Time(600), changed.Details.Summary.EndsAt);
        Assert.Equal(TimeSpan.FromMinutes(10), changed.Details.Summary.End?.MaxDuration);

        Pass(200);
        await HeardAllAsync();
        await Media.ExpectMsgAsync<WatchPage>();
        await NothingForAsync(Media);
    }

    private async Task<string> BeginAsync()
    {
        Ask(StartForAMinute);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync<SessionRecords>();
        return begin.RecordPath!;
    }

    private void Pass(double seconds)
    {
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        AdvanceTimers(TimeSpan.FromSeconds(seconds));
    }
}
