using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>What a worker made of a sender's packets.</summary>
/// <param name="Finished">How the record ended.</param>
/// <param name="Track">The pictures in the record.</param>
/// <param name="Sync">How sound and picture lie.</param>
/// <param name="SoundTimes">When each packet of sound plays, in seconds.</param>
/// <param name="Told">All that the worker said.</param>
internal sealed record RtpOutcome(
    WorkerEvent.Finished Finished,
    FrameNumberTrack Track,
    SyncOffsets Sync,
    IReadOnlyList<double> SoundTimes,
    IReadOnlyList<WorkerEvent> Told
)
{
    /// <summary>By how much the times of pictures are apart from those of the clip, in milliseconds: the most and the
    /// least.</summary>
    public (double Least, double Most) Displacement(ReferenceClipFormat format)
    {
        var displaced = Track
            .Frames.Where(frame => frame.Number is not null)
            .Select(frame => (frame.Time.TotalSeconds - (frame.Number!.Value / (double)format.FrameRate)) * 1000)
            .ToList();
        return (displaced.Min(), displaced.Max());
    }

    /// <summary>All in a line.</summary>
    public string Describe(ReferenceClipFormat format) =>
        $"{Finished.Duration:0.00} s, {Track.Continuity(format.FrameRate, format.FrameCount)}, displaced {Displacement(format)}, {SoundTimes.Count} pieces of sound, sync {string.Join(' ', Sync.Offsets.Select(offset => $"{offset:0}"))}, {string.Join("; ", Told.Where(said => said is not WorkerEvent.RtpProgress))}";
}

/// <summary>Senders that do what no well-behaved program does, each with a worker of its own, all at the same
/// time.</summary>
public sealed class RtpScenarios : IAsyncLifetime
{
    public static readonly ReferenceClipFormat Format = new(640, 360, 25, TimeSpan.FromSeconds(14));

    private readonly Dictionary<string, RtpOutcome> _outcomes = [];

    internal RtpOutcome this[string name] => _outcomes[name];

    public async Task InitializeAsync()
    {
        var script = await RtpScript.ReadAsync(await ReferenceClip.MakeAsync(Format));
        Dictionary<string, IEnumerable<RtpDatagram>> scenarios = new()
        {
            ["a sender that comes back"] =
            [
                .. script.Picture(1, 0, 4),
                .. script.Picture(2, 4, 8),
                .. script.Picture(1, 8, 12),
                .. script.Sound(9, 0, 12),
            ],
            ["a camera that is off and says so"] =
            [
                .. script.Picture(1, 0, 2),
                .. Enumerable.Range(0, 13).Select(second => RtpScript.Report(true, 1, second + 0.01)),
                .. script.Picture(2, 2, 13),
                .. script.Sound(9, 0, 13),
            ],
            ["a stray sender"] =
            [
                .. script.Picture(1, 0, 12),
                .. script.Picture(2, 3, 7),
                .. script.Sound(8, 0, 12),
                .. script.Sound(9, 3, 7),
            ],
            ["a good-bye that is taken back"] =
            [
                .. Both(script, 0, 5),
                .. Both(script, 7, 12),
                .. Reports(0, 5),
                RtpScript.Goodbye(true, 1, 5),
                RtpScript.Goodbye(false, 9, 5),
            ],
            ["nonsense before and beside the sender"] =
            [
                .. script.Picture(2, 0, 12).Select(Nonsense),
                .. script.Picture(1, 1, 12),
                .. script.Sound(9, 0, 12),
            ],
            ["a burst"] = Both(script, 0, 12)
                .Select(datagram =>
                    datagram.At.TotalSeconds is >= 5 and < 6.5
                        ? datagram with
                        {
                            At = TimeSpan.FromSeconds(6.5),
                        }
                        : datagram
                ),
            ["late sound"] = [.. Both(script, 0, 12).Select(Late), .. Reports(0, 12)],
            ["late sound with late reports"] = [.. Both(script, 0, 12).Select(Late), .. Reports(3, 12)],
        };
        await Task.WhenAll(
            scenarios.Select(async scenario =>
            {
                var outcome = await RunAsync(scenario.Value);
                lock (_outcomes)
                {
                    _outcomes.Add(scenario.Key, outcome);
                }
            })
        );
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private static IEnumerable<RtpDatagram> Both(RtpScript script, double from, double to) =>
        [.. script.Picture(1, from, to), .. script.Sound(9, from, to)];

    private static IEnumerable<RtpDatagram> Reports(int from, int to) =>
        Enumerable
            .Range(from, to - from)
            .SelectMany(second =>
                new[] { RtpScript.Report(true, 1, second + 0.01), RtpScript.Report(false, 9, second + 0.01) }
            );

    /// <summary>Pictures that depend on others that never come.</summary>
    private static RtpDatagram Nonsense(RtpDatagram datagram)
    {
        var content = datagram.Content.ToArray();
        content.AsSpan(13).Fill(1);
        return datagram with { Content = content };
    }

    private static RtpDatagram Late(RtpDatagram datagram) =>
        datagram.IsPicture ? datagram : datagram with { At = datagram.At + TimeSpan.FromSeconds(0.4) };

    private static async Task<RtpOutcome> RunAsync(IEnumerable<RtpDatagram> datagrams)
    {
        await using WorkerRun run = new();
        var ready = await run.ReceiveAsync(sound: true);
        await RtpScript.PlayAsync(datagrams, ready.RtpPort, ready.RtcpPort, ready.AudioRtpPort, ready.AudioRtcpPort);
        run.Say(new WorkerCommand.Finish());
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();
        MediaAnalysis analysis = new(finished.Path!);
        return new RtpOutcome(
            finished,
            await analysis.FrameNumbersAsync(),
            await analysis.SyncOffsetsAsync(),
            await Probe.TimesAsync(finished.Path!, "a"),
            [.. run.Said]
        );
    }
}
