using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>A session whose page says when the record begins. The clock stands still until a test moves it.</summary>
public sealed class SessionActorBeginTests : SessionActorTestKit
{
    private static readonly StartSession StartOnSignal = new(
        Sample.Id,
        (PageSessionSpec)Sample.Spec with
        {
            Begin = new BeginRule
            {
                When = BeginWhen.Signal,
                LobbyTexts = ["please wait"],
                Timeout = TimeSpan.FromMinutes(5),
            },
        }
    );

    [Fact]
    public async Task The_start_is_answered_at_the_first_frame_however_long_the_page_waits()
    {
        var path = await WaitAsync(inLobby: true);
        Pass(200);
        await NothingForAsync(Edge);
        Assert.Equal(SessionPhase.WaitingToEnter, (await SummaryAsync()).Phase);

        Ask(new GetThumbnail(Sample.Id));
        await Media.ExpectMsgAsync<TakeThumbnail>();
        MediaSays(new ThumbnailTaken([1, 2, 3], Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync<SessionThumbnail>();

        MediaSays(new FirstFrameWritten(path, Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync<SessionRecords>();
    }

    [Fact]
    public async Task A_page_that_never_begins_is_undone_and_its_start_is_answered()
    {
        await WaitAsync(inLobby: false);
        Pass(300);
        await UndoAsync();
        Assert.Equal(FaultCode.BeginTimeout, (await Edge.ExpectMsgAsync<StartFailed>()).Code);
        Assert.Equal(FaultCode.BeginTimeout, (await ReportAsync(SessionPhase.Failed)).EndReason);
    }

    [Fact]
    public async Task Another_incarnation_goes_on_waiting_and_begins()
    {
        await WaitAsync(inLobby: true);
        await LoseNodeAsync(secondsAway: 30);
        Ask(Resume);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        Assert.Equal((2, false, false), (begin.Attempt, begin.Rejoins, begin.Anyway));
        MediaSays(new PageWaits(false, Clock.GetUtcNow()));
        Assert.Equal(SessionPhase.WaitingToBegin, (await SummaryAsync()).Phase);

        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        var records = await ReportAsync(SessionPhase.Recording);
        Assert.Empty(records.Gaps);
        Assert.Single(records.Records);
    }

    private async Task<string> WaitAsync(bool inLobby)
    {
        Ask(StartOnSignal);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        MediaSays(new PageWaits(inLobby, Clock.GetUtcNow()));
        await HeardAllAsync();
        return begin.RecordPath!;
    }

    private void Pass(double seconds)
    {
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        AdvanceTimers(TimeSpan.FromSeconds(seconds));
    }
}
