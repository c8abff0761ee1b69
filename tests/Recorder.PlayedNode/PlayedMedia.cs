using Akka.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.PlayedNode;

/// <summary>A media side without any process: a record is a small file that grows by a few frames a second, in name
/// only.</summary>
internal sealed class PlayedMedia(string recordsFolder) : ISessionMedia
{
    /// <inheritdoc />
    public string RecordsFolder { get; } = recordsFolder;

    /// <inheritdoc />
    public Props MediaOf(SessionId session, SessionSpec spec) => Props.Create(() => new Child());

    private sealed class Child : ReceiveActor, IWithTimers
    {
        private const int FramesASecond = 25;

        private string? _record;
        private int _seconds;

        public Child()
        {
            Receive<BeginRecording>(begin => Open(begin.RecordPath));
            Receive<ResumeRecording>(next => Open(next.RecordPath));
            Receive<GrowthDue>(_ => Grow());
            Receive<FinishRecording>(_ =>
            {
                Timers.CancelAll();
                Context.Parent.Tell(Finished(_record, repaired: false));
            });
            Receive<RepairRecord>(repair => Context.Parent.Tell(Finished(repair.RecordPath, repaired: true)));
            ReceiveAny(_ => { });
        }

        public ITimerScheduler Timers { get; set; } = null!;

        private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

        private void Open(string? path)
        {
            (_record, _seconds) = (path, 0);
            if (path is not null)
            {
                File.WriteAllText(path, "A record of a played node, without a picture.\n");
            }
            Context.Parent.Tell(new FirstFrameWritten(path, Now));
            Timers.StartPeriodicTimer(nameof(GrowthDue), new GrowthDue(), TimeSpan.FromSeconds(1));
        }

        private void Grow()
        {
            _seconds++;
            var frames = _seconds * FramesASecond;
            Context.Parent.Tell(new RecordGrew(_record, Now, frames, 0, frames * 1000L, Length));
        }

        private RecordFinished Finished(string? path, bool repaired) =>
            new(path, Length, path is null ? 0 : new FileInfo(path).Length, repaired);

        private TimeSpan Length => TimeSpan.FromSeconds(_seconds + 1);

        private sealed record GrowthDue;
    }
}
