using System.Collections.Concurrent;
using System.Threading.Channels;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;
using Recorder.Worker.Sound;

namespace Recorder.Worker.Tests.Loop;

/// <summary>A worker in this process, over a picture in memory, with a folder of its own.</summary>
internal sealed class WorkerRun : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly WorkerLoop _worker;
    private readonly ConcurrentQueue<WorkerEvent> _said = new();
    private readonly Channel<WorkerEvent> _events = Channel.CreateUnbounded<WorkerEvent>();
    private readonly Task<int> _running;
    private readonly Task _painting;
    private readonly CancellationTokenSource _paints = new();

    public WorkerRun(string? folder = null, ISoundSource? sound = null, bool noise = false)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("recorder-worker-").FullName;
        Picture = new PaintedMemory { Noise = noise };
        _worker = new WorkerLoop(
            next =>
            {
                _said.Enqueue(next);
                _events.Writer.TryWrite(next);
            },
            (command, port) =>
                WorkerProcess.SourceOf(
                    command,
                    port,
                    _ => Task.FromResult(new CaptureSources(Picture, sound)),
                    _ => Task.FromResult(sound)
                ),
            TimeProvider.System
        );
        _running = _worker.RunAsync();
        _painting = PaintAsync();
    }

    /// <summary>A picture that costs little.</summary>
    public static PictureSettings SmallPicture { get; } =
        new()
        {
            Width = 320,
            Height = 180,
            Framerate = 25,
            Bitrate = 500,
            Preset = "ultrafast",
            Profile = "baseline",
            KeyframeInterval = 60,
        };

    public string Folder { get; }

    /// <summary>All that the worker has said so far.</summary>
    public IEnumerable<WorkerEvent> Said => _said;

    public PaintedMemory Picture { get; }

    public string PathOf(string name) => Path.Combine(Folder, name);

    public void Say(WorkerCommand command) => Say(WorkerProtocol.Serialize(command));

    public void Say(string line) => _worker.Post(new WorkerInput.Line(line));

    public void Post(WorkerInput input) => _worker.Post(input);

    public WorkerCommand.Prepare Settings(FileContainer container) =>
        new(
            1,
            ":0",
            0,
            "",
            SmallPicture,
            new SoundSettings { Bitrate = 128 },
            container,
            PathOf("record." + container.ToString().ToLowerInvariant()),
            0,
            Hls: false,
            Targets: []
        );

    /// <summary>Prepares, begins and waits for the first picture on disk.</summary>
    public async Task<string> RecordAsync(WorkerCommand.Prepare settings)
    {
        Say(settings);
        await ExpectAsync<WorkerEvent.Ready>();
        Say(new WorkerCommand.Begin());
        await ExpectAsync<WorkerEvent.FirstFrame>();
        return settings.Path ?? "";
    }

    /// <summary>The next event of that type, and as the condition says. Others are passed over; one limit holds for all
    /// of them.</summary>
    public async Task<T> ExpectAsync<T>(Func<T, bool>? where = null)
        where T : WorkerEvent
    {
        using CancellationTokenSource limit = new(Limit);
        List<WorkerEvent> passed = [];
        try
        {
            while (true)
            {
                var next = await _events.Reader.ReadAsync(limit.Token);
                if (next is T expected && where?.Invoke(expected) != false)
                {
                    return expected;
                }
                passed.Add(next);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"No {typeof(T).Name} within {Limit.TotalSeconds:0} s; the worker said: {string.Join("; ", passed)}"
            );
        }
    }

    /// <summary>Waits until an output is as it should be; that of a target when its id is given.</summary>
    public async Task<WorkerOutput> OutputAsync(WorkerOutputState state, string id = "target-1")
    {
        var changed = await ExpectAsync<WorkerEvent.OutputChanged>(told =>
            told.Output.Id == id && told.Output.State == state
        );
        return changed.Output;
    }

    /// <summary>Waits until the worker has recorded that many seconds.</summary>
    public Task ProgressAsync(double seconds) =>
        ExpectAsync<WorkerEvent.Progress>(progress => progress.Duration >= seconds);

    public async Task<int> ExitCodeAsync() => await _running.WaitAsync(Limit);

    public async ValueTask DisposeAsync()
    {
        _worker.Post(new WorkerInput.InputClosed());
        await _running.WaitAsync(Limit);
        await _paints.CancelAsync();
        await _painting;
        _paints.Dispose();
        _worker.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task PaintAsync()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(40));
        try
        {
            while (await timer.WaitForNextTickAsync(_paints.Token))
            {
                Picture.Paint();
            }
        }
        catch (OperationCanceledException) { }
    }
}
