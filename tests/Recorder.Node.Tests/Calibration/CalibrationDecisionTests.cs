using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Calibration;
using Recorder.Node.Capacity;
using Recorder.Node.Commands;
using Recorder.Node.Configuration;

namespace Recorder.Node.Tests.Calibration;

public sealed class CalibrationDecisionTests
{
    private static readonly HostFacts Host = new("A", 4, 2, 10_000);
    private static readonly CapacityOptions Options = new();

    [Fact]
    public void What_recordings_took_is_the_difference_of_two_moments()
    {
        var from = Counters(0, own: 10, busy: 100, (1, Captured(100, 90, 0)), (2, Captured(50, 50, 0)));
        var to = Counters(10, own: 24.1, busy: 116, (1, Captured(350, 335, 0)), (2, Captured(280, 270, 20)));

        // 1: 245 of 250 frames; 2: 220 of 250, twenty of which the encoder had no time for.
        Assert.Equal(new CpuMeasurement(2, 141, 9, 0.88), CalibrationDecision.Measure(from, to, Host, 1));
        Assert.Equal(0.94m, CalibrationDecision.Measure(from, to, Host, 0.47m).Recordings);
    }

    [Fact]
    public void The_idle_host_has_no_frames() =>
        Assert.Equal(
            new CpuMeasurement(0, 7, 9, null),
            CalibrationDecision.Measure(Counters(0, 10, 100), Counters(10, 10.7, 101), Host, 1)
        );

    [Fact]
    public void A_recording_that_stands_still_has_no_distinct_frames() =>
        Assert.Equal(
            0,
            CalibrationDecision
                .Measure(Counters(0, 1, 1, (1, Captured(9, 9, 0))), Counters(10, 2, 2, (1, Captured(9, 9, 0))), Host, 1)
                .DistinctFrames
        );

    [Theory]
    [InlineData(14, 15.9, null)]
    [InlineData(
        14,
        16.2,
        "Something else kept the processors 11 % busy meanwhile, so the host holds more than this shows; calibrate again when it is quiet."
    )]
    public void What_else_keeps_the_host_busy_calls_the_figures_in_question(
        double own,
        double busy,
        string? sentence
    ) => Assert.Equal(sentence, CalibrationDecision.WhyDoubtful(Counters(0, 0, 0), Counters(10, own, busy), Host));

    [Theory]
    [InlineData(1, 141, 9, 0.95, null)]
    [InlineData(1, 180, 90, 0.9, null)]
    [InlineData(
        2,
        150,
        9,
        0.891,
        "With 2 only 0.89 of the frames were distinct; 0.90 is the least (Capacity:LeastDistinctFrames)."
    )]
    [InlineData(2, 181, 9, 0.95, "With 2 they kept the processors 91 % busy; 90 % is the limit (Capacity:CpuLimit).")]
    [InlineData(2, 141, 91, 0.95, "With 2 they took 91 % of the memory.")]
    [InlineData(3, 141, 9, 0.95, "3 is as many as were to be tried (--max).")]
    public void It_is_enough_when_the_host_or_the_caller_says_so(
        int recordings,
        double cpu,
        double memory,
        double distinct,
        string? why
    )
    {
        var plan = new CalibrationPlan(new VideoSettings(), TimeSpan.FromSeconds(30), 3);

        Assert.Equal(
            why,
            CalibrationDecision.WhyEnough(
                new CpuMeasurement(recordings, cpu, memory, distinct),
                recordings,
                plan,
                Host,
                Options
            )
        );
    }

    [Fact]
    public void The_options_become_a_plan()
    {
        var plan = CalibrateCommand.PlanOf("1280x720", 30, "1 min", 4);

        Assert.Equal((1280, 720, 30), (plan.Video.Width, plan.Video.Height, plan.Video.Framerate));
        Assert.Equal((TimeSpan.FromMinutes(1), 4), (plan.Duration, plan.Most));
    }

    [Theory]
    [InlineData(
        "1280",
        25,
        "30 s",
        1,
        "--size is \"1280\"; it must be WIDTHxHEIGHT in even numbers, 160x120 to 3840x2160."
    )]
    [InlineData("1281x720", 25, "30 s", 1, "--size is ")]
    [InlineData("1280x100", 25, "30 s", 1, "--size is ")]
    [InlineData("-1280x720", 25, "30 s", 1, "--size is ")]
    [InlineData("1280x720x3", 25, "30 s", 1, "--size is ")]
    [InlineData("1280x720", 0, "30 s", 1, "--framerate is 0; it must be 1 to 60.")]
    [InlineData("1280x720", 25, "30", 1, "--duration is \"30\"; it must be a duration such as 30 s, 2 s to 10 min.")]
    [InlineData("1280x720", 25, "1 s", 1, "--duration is ")]
    [InlineData("1280x720", 25, "30 s", 0, "--max is 0; it must be 1 to 1000.")]
    public void An_option_that_makes_no_sense_is_a_sentence(
        string size,
        int framerate,
        string duration,
        int most,
        string sentence
    ) =>
        Assert.StartsWith(
            sentence,
            Assert.Single(
                Assert
                    .Throws<StartRefusedException>(() => CalibrateCommand.PlanOf(size, framerate, duration, most))
                    .Messages
            ),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(false, "         1     141     71 %    9.0 %             0.950\n")]
    [InlineData(
        true,
        "\r\u001b[K         1   measuring [....................] 30 s\r\u001b[K         1   measuring [##########..........] 15 s\r\u001b[K         1     141     71 %    9.0 %             0.950\n"
    )]
    public void A_row_follows_its_progress_where_the_output_is_a_terminal(bool terminal, string expected)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var console = new CalibrationConsole(output, terminal, Host);

        console.Show(1, "measuring", TimeSpan.FromSeconds(30));
        console.Show(1, "measuring", TimeSpan.FromSeconds(15));
        console.Show(1, new CpuMeasurement(1, 141, 9, 0.95));

        Assert.Equal(expected, output.ToString());
    }

    private static CalibrationCounters Counters(
        double at,
        double own,
        double busy,
        params (int Recording, CaptureStatistics Captured)[] captures
    ) =>
        new(
            new CpuSample(
                TimeSpan.FromSeconds(at),
                TimeSpan.FromSeconds(busy),
                TimeSpan.FromSeconds(Host.Threads * at),
                null,
                TimeSpan.Zero
            ),
            new ProcessTree(TimeSpan.FromSeconds(own), 900),
            captures.ToDictionary(capture => capture.Recording, capture => capture.Captured)
        );

    private static CaptureStatistics Captured(long captured, long painted, long dropped) =>
        new(DateTimeOffset.UnixEpoch, captured, painted, captured - painted, dropped, 0, TimeSpan.Zero, TimeSpan.Zero);
}
