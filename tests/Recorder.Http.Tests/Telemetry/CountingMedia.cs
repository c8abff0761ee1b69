using Akka.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Tests.Telemetry;

/// <summary>A media side without any process: it writes the first frame at once and then tells of more frames, ten
/// times a second.</summary>
internal sealed class CountingMedia(string recordsFolder) : ISessionMedia
{
    private int _commands;

    /// <summary>How many commands the media side has had.</summary>
    public int Commands => Volatile.Read(ref _commands);

    public string RecordsFolder { get; } = recordsFolder;

    public Props MediaOf(SessionId session, SessionSpec spec) => Props.Create(() => new Child(this));

    private sealed class Child : ReceiveActor, IWithTimers
    {
        private long _frames;

        public Child(CountingMedia media)
        {
            var record = "";
            Receive<BeginRecording>(begin =>
            {
                Interlocked.Increment(ref media._commands);
                record = begin.RecordPath!;
                File.WriteAllText(record, "record");
                Context.Parent.Tell(new FirstFrameWritten(record, TimeProvider.System.GetUtcNow()));
                Timers.StartPeriodicTimer(nameof(Grow), new Grow(), TimeSpan.FromMilliseconds(100));
            });
            Receive<Grow>(_ =>
            {
                _frames += 3;
                var now = TimeProvider.System.GetUtcNow();
                Context.Parent.Tell(
                    new RecordGrew(record, now, _frames, 0, 100, TimeSpan.FromSeconds(_frames / 25.0))
                    {
                        Capture = new CaptureStatistics(
                            now,
                            _frames,
                            _frames / 3,
                            _frames / 3 * 2,
                            0,
                            100,
                            TimeSpan.FromSeconds(_frames / 25.0),
                            TimeSpan.Zero
                        ),
                    }
                );
            });
            Receive<FinishRecording>(_ =>
            {
                Interlocked.Increment(ref media._commands);
                Timers.CancelAll();
                Context.Parent.Tell(
                    new RecordFinished(record, TimeSpan.FromSeconds(4), new FileInfo(record).Length, Repaired: false)
                );
            });
            Receive<IMediaCommand>(_ => Interlocked.Increment(ref media._commands));
        }

        public ITimerScheduler Timers { get; set; } = null!;

        private sealed record Grow;
    }
}
