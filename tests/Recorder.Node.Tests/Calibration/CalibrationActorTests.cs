using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Calibration;
using Recorder.Node.Capacity;

namespace Recorder.Node.Tests.Calibration;

[Trait("ring", "actor")]
public sealed class CalibrationActorTests() : TestKit(ActorSettings.OwnTime)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>How many messages in a row, to itself or to a recording, may follow from a second.</summary>
    private const int Hops = 4;

    private readonly Shown _shown = new();

    [Fact]
    public async Task It_adds_one_recording_after_the_other_until_it_is_enough_and_ends_them_all()
    {
        var media = new ScriptedMedia();

        var result = await CalibrateAsync(media, most: 3);

        Assert.Equal([0m, 1, 2, 3], result.Measurements.Select(one => one.Recordings));
        Assert.Equal([null, 1, 1, 1], result.Measurements.Select(one => one.DistinctFrames));
        Assert.Equal("3 is as many as were to be tried (--max).", result.Why);
        Assert.True(result.Complete);
        Assert.Equal([0, 1, 2, 3], _shown.Measured);
        Assert.Equal([1, 2, 3], media.Finished.Order());
    }

    [Fact]
    public async Task It_ends_below_the_least_share_of_distinct_frames()
    {
        var result = await CalibrateAsync(new ScriptedMedia { PaintsOf = id => id == 2 ? 10 : 25 }, most: 9);

        Assert.Equal([null, 1, 0.4], result.Measurements.Select(one => one.DistinctFrames));
        Assert.StartsWith("With 2 only 0.40 of the frames were distinct", result.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    public async Task A_recording_that_fails_ends_it_with_what_was_measured_before(int failing, int measured)
    {
        var media = new ScriptedMedia { Failing = failing };

        var result = await CalibrateAsync(media, most: 9);

        Assert.Equal(measured, result.Measurements.Count);
        Assert.Equal($"With {failing} a recording failed: The page did not load.", result.Why);
        Assert.Equal(Enumerable.Range(1, failing - 1), media.Finished.Order());
    }

    [Fact]
    public async Task An_interrupted_one_is_not_complete()
    {
        var media = new ScriptedMedia();
        var (calibration, result) = Begin(media, most: 9);
        await PassUntilAsync(calibration, () => _shown.Measured.Contains(1));

        calibration.Tell(new CalibrationActor.Cancel());
        await PassUntilAsync(calibration, () => result.IsCompleted);

        Assert.False((await result).Complete);
    }

    private async Task<CalibrationResult> CalibrateAsync(ScriptedMedia media, int most)
    {
        var (calibration, result) = Begin(media, most);
        await PassUntilAsync(calibration, () => result.IsCompleted);
        return await result;
    }

    private (IActorRef Calibration, Task<CalibrationResult> Result) Begin(ScriptedMedia media, int most)
    {
        // The figures of processors and memory are this machine's, whatever they are: they end nothing here.
        var options = new CapacityOptions { CpuLimit = 1e9 };
        var plan = new CalibrationPlan(new VideoSettings(), TimeSpan.FromSeconds(5), most);
        var host = new HostReader("", TimeProvider.System);
        var setting = new CalibrationSetting(
            plan,
            plan.Spec(new Uri("http://127.0.0.1/")),
            "/none",
            media,
            host,
            host.Facts() with
            {
                MemoryMegabytes = 1_000_000_000,
            },
            options,
            _shown
        );
        var result = new TaskCompletionSource<CalibrationResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Sys.ActorOf(Props.Create(() => new CalibrationActor(setting, result))), result.Task);
    }

    /// <summary>Lets the virtual clock go on, second by second, with everything that follows from each.</summary>
    private async Task PassUntilAsync(IActorRef calibration, Func<bool> reached)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!reached())
        {
            Assert.False(
                limit.IsCancellationRequested,
                $"It was not reached within {Limit.TotalSeconds} s; measured: {string.Join(", ", _shown.Measured)}."
            );
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));
            for (var hop = 0; hop < Hops; hop++)
            {
                await HeardAsync(calibration.Path, reached, limit.Token);
                for (var recording = 1; recording <= _shown.Measured.Count; recording++)
                {
                    await HeardAsync(
                        calibration.Path / recording.ToString(System.Globalization.CultureInfo.InvariantCulture),
                        reached,
                        limit.Token
                    );
                }
            }
        }
    }

    /// <summary>Waits until an actor has heard all that it was told before. A timer that is set while the clock goes on
    /// would be lost: the scheduler does not bear both at once.</summary>
    private async Task HeardAsync(ActorPath actor, Func<bool> reached, CancellationToken limit)
    {
        var answer = Sys.ActorSelection(actor).Ask<ActorIdentity>(new Identify(null), limit);
        while (!answer.IsCompleted && !reached() && !limit.IsCancellationRequested)
        {
            await Task.WhenAny(answer, Task.Delay(10, limit));
        }
    }

    private sealed class Shown : ICalibrationDisplay
    {
        public ConcurrentQueue<int> Measured { get; } = [];

        public void Show(int recordings, string what, TimeSpan left) { }

        public void Show(int recordings, CpuMeasurement measured) => Measured.Enqueue(recordings);
    }

    /// <summary>Media whose recordings capture 25 frames each second, or fail at the start.</summary>
    private sealed class ScriptedMedia : ISessionMedia
    {
        public int Failing { get; init; }

        public Func<int, int> PaintsOf { get; init; } = _ => 25;

        public ConcurrentQueue<int> Finished { get; } = [];

        public string RecordsFolder => "/none";

        public Props MediaOf(SessionId session, SessionSpec spec) =>
            Props.Create(() => new Recording(this, session.Value));
    }

    private sealed class Recording : ReceiveActor, IWithTimers
    {
        private int _seconds;

        public Recording(ScriptedMedia script, int id)
        {
            Receive<BeginRecording>(begin =>
            {
                if (script.Failing == id)
                {
                    Context.Parent.Tell(new MediaFailed(FaultCode.PageFailed, "The page did not load."));
                    return;
                }

                Context.Parent.Tell(new FirstFrameWritten(begin.RecordPath, DateTimeOffset.UnixEpoch));
                Timers.StartPeriodicTimer("grew", "grew", TimeSpan.FromSeconds(1));
            });
            Receive<string>(_ =>
            {
                _seconds++;
                Context.Parent.Tell(
                    new RecordGrew("/none", DateTimeOffset.UnixEpoch, 0, 0, 0, TimeSpan.Zero)
                    {
                        Capture = new CaptureStatistics(
                            DateTimeOffset.UnixEpoch,
                            25 * _seconds,
                            script.PaintsOf(id) * _seconds,
                            0,
                            0,
                            0,
                            TimeSpan.Zero,
                            TimeSpan.Zero
                        ),
                    }
                );
            });
            Receive<FinishRecording>(_ =>
            {
                script.Finished.Enqueue(id);
                Context.Parent.Tell(new RecordFinished("/none", TimeSpan.Zero, 0, false));
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}
