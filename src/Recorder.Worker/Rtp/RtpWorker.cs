using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>
/// The loop of a worker that receives RTP: it binds the ports, keeps a reception and a record going, tells how it goes, and ends the record when
/// it is told to. A reception that fails is replaced; the record and the ports outlive it.
/// </summary>
internal sealed partial class RtpWorker : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);
    private const int TurnsPerSecond = 4;

    private readonly WorkerCommand.ReceiveRtp settings;
    private readonly Channel<WorkerInput> inputs;
    private readonly Action<WorkerEvent> tell;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource watching = new();
    private readonly List<RtpLeg> legs = [];
    private RtpRecord? record;
    private RtpSenders? senders;
    private TimeSpan heldBack;
    private SenderWatch? watch;
    private LastAlive? nodeAlive;
    private ReceptionRetry? retry;
    private WriteWatch writing = new(BehindSince: null);
    private bool firstFrameTold;
    private int turns;

    /// <summary>A worker that does nothing until <see cref="RunAsync"/>.</summary>
    /// <param name="settings">What to receive and where to write it.</param>
    /// <param name="nodeAlive">What the node has said of itself before.</param>
    /// <param name="inputs">What it reacts to; nobody else reads them.</param>
    /// <param name="tell">Takes the events, in order.</param>
    /// <param name="time">The clock.</param>
    public RtpWorker(WorkerCommand.ReceiveRtp settings, LastAlive? nodeAlive, Channel<WorkerInput> inputs, Action<WorkerEvent> tell, TimeProvider time)
    {
        this.settings = settings;
        this.nodeAlive = nodeAlive;
        this.inputs = inputs;
        this.tell = tell;
        this.time = time;
    }

    /// <summary>Works until the record or the input has ended.</summary>
    /// <returns>One of <see cref="WorkerExitCode"/>.</returns>
    public async Task<int> RunAsync()
    {
        try
        {
            await PrepareAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is WorkerException or GStreamerException or DllNotFoundException)
        {
            return await NotPreparedAsync(error).ConfigureAwait(false);
        }

        Task ticking = TickAsync();
        try
        {
            await foreach (WorkerInput input in inputs.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                if (await ReactAsync(input).ConfigureAwait(false) is { } code)
                {
                    return code;
                }
            }

            return WorkerExitCode.Finished;
        }
        finally
        {
            await watching.CancelAsync().ConfigureAwait(false);
            await ticking.ConfigureAwait(false);
        }
    }

    /// <summary>Only after <see cref="RunAsync"/>, which lets go of all but <see cref="watching"/> unless it failed.</summary>
    public void Dispose()
    {
        watching.Dispose();
        senders?.End().ForEach(receiver =>
        {
            receiver.Stop();
            receiver.Dispose();
        });
        record?.Dispose();
    }

    private async Task PrepareAsync()
    {
        IPAddress address = await FindAddressAsync().ConfigureAwait(false);
        legs.Add(new RtpLeg(RtpPorts.Bind(address, settings.Video, settings.Session), settings.Video, isPicture: true, time));
        if (settings.Audio is { } audio)
        {
            legs.Add(new RtpLeg(RtpPorts.Bind(address, audio, settings.Session), audio, isPicture: false, time));
        }

        PrepareCheck.Reserve(settings.Session, settings.Path);
        Application.Init();
        record = OpenRecord();
        record.Start();
        StartReception();
        DateTimeOffset now = time.GetUtcNow();
        retry = new ReceptionRetry(Failures: 0, now);
        watch = new SenderWatch(now);
        RtpLegSettings? sound = legs.Count > 1 ? legs[1].Settings : null;
        tell(new WorkerEvent.RtpReady(now, legs[0].Settings.RtpPort, legs[0].Settings.RtcpPort, sound?.RtpPort, sound?.RtcpPort));
    }

    private RtpRecord OpenRecord()
    {
        try
        {
            return new RtpRecord(settings, () => Post(new RtpInput.RecordBegan()), error => Post(new RtpInput.RecordFailed(error)), bytes => Post(new RtpInput.ParametersTooLong(bytes)), time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkerException(WorkerFailure.RecordsFolderUnavailable, $"Session {settings.Session} cannot open its record: {error.Message}");
        }
    }

    private async Task<IPAddress> FindAddressAsync()
    {
        try
        {
            return (await Dns.GetHostAddressesAsync(settings.Address).ConfigureAwait(false))[0];
        }
        catch (SocketException error)
        {
            throw new WorkerException(WorkerFailure.PortInUse, $"Session {settings.Session} cannot receive on {settings.Address}: {error.Message}. Correct Media:RtpAddress.");
        }
    }

    private void Post(WorkerInput input) => inputs.Writer.TryWrite(input);

    private async Task TickAsync()
    {
        using PeriodicTimer timer = new(Turn, time);
        try
        {
            while (await timer.WaitForNextTickAsync(watching.Token).ConfigureAwait(false))
            {
                Post(new WorkerInput.Tick());
            }
        }
        catch (OperationCanceledException)
        {
            // The worker ends.
        }
    }

    private async Task<int?> ReactAsync(WorkerInput input)
    {
        try
        {
            switch (input)
            {
                case WorkerInput.Line line:
                    return await ObeyAsync(line.Text).ConfigureAwait(false);
                case WorkerInput.InputClosed:
                    return await FinishAsync(WorkerFinishReason.InputClosed).ConfigureAwait(false);
                case WorkerInput.Terminated:
                    return await FinishAsync(WorkerFinishReason.Terminated).ConfigureAwait(false);
                case WorkerInput.Tick:
                    return await OnTickAsync().ConfigureAwait(false);
                case RtpInput.RecordBegan:
                    TellFirstFrame();
                    return null;
                case RtpInput.RecordFailed { Error: var error }:
                    return await FailAsync(PipelineFault.CodeOf(error), $"The record of session {settings.Session} failed: {error.Message}").ConfigureAwait(false);
                case RtpInput.ParametersTooLong { Bytes: var bytes }:
                    tell(new WorkerEvent.RtpReceptionFailed(time.GetUtcNow(), $"Session {settings.Session} leaves out pictures whose parameter sets are {bytes} bytes long; a record has room for {RecordPicture.MostConfiguration}. See what its sender sends."));
                    return null;
                case RtpInput.ReceiverMessage failed:
                    await OnReceiverFailedAsync(failed.Receiver, failed.Message).ConfigureAwait(false);
                    return null;
                default:
                    return null;
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A fault of ours: the file keeps what is in it, and the node hears why this process ends.
            Console.Error.WriteLine(error);
            tell(new WorkerEvent.Failed(WorkerFailure.EncoderFailed, $"The worker of session {settings.Session} failed: {error.Message}"));
            return WorkerExitCode.NotFinalised;
        }
    }

    private async Task<int?> ObeyAsync(string line)
    {
        try
        {
            switch (WorkerProtocol.ParseCommand(line))
            {
                case WorkerCommand.Finish:
                    return await FinishAsync(WorkerFinishReason.Finish).ConfigureAwait(false);
                case WorkerCommand.Alive alive:
                    nodeAlive = LastAlive.Now(alive, time);
                    break;
                default:
                    tell(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, "A worker that receives RTP can only be told to finish."));
                    break;
            }
        }
        catch (JsonException error)
        {
            tell(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, $"The worker was given a line that is not a command: {error.Message}"));
        }

        return null;
    }

    private async Task<int?> OnTickAsync()
    {
        if (RecordFile.IsGone(settings.Path))
        {
            return await FailAsync(WorkerFailure.RecordGone, $"Session {settings.Session} has lost its record while it was written.").ConfigureAwait(false);
        }

        await LookAtSendersAsync().ConfigureAwait(false);
        if (nodeAlive?.IsOver(time) == true)
        {
            return await FinishAsync(WorkerFinishReason.NodeSilent).ConfigureAwait(false);
        }

        if (++turns % TurnsPerSecond != 0)
        {
            return null;
        }

        senders!.AskForKeyFrame();
        legs.ForEach(leg => leg.Report());
        tell(Measure());
        (writing, bool stalled) = writing.Look(record!.Waiting, time.GetUtcNow());
        if (stalled)
        {
            return await FailAsync(
                WorkerFailure.Stalled,
                $"The record of session {settings.Session} has not kept up with what is received for {WriteWatch.Limit.TotalSeconds:0} s, and was ended. See that the disk of {settings.Path} answers.").ConfigureAwait(false);
        }

        return RecordFile.FreeBytes(settings.Path) < settings.MinimumFreeBytes
            ? await FailAsync(
                WorkerFailure.DiskFull,
                $"Less than {settings.MinimumFreeBytes} bytes are free for {settings.Path}; the record of session {settings.Session} was ended while it can be finalised.").ConfigureAwait(false)
            : null;
    }

    private void TellFirstFrame()
    {
        if (!firstFrameTold && record?.BeganAt is { } at)
        {
            firstFrameTold = true;
            tell(new WorkerEvent.FirstFrame(at - (senders?.Held ?? heldBack), settings.Path));
        }
    }

    private WorkerEvent.RtpProgress Measure() => new(record!.Frames, RecordFile.Length(settings.Path), record.Duration, new RtpFigures(
        time.GetUtcNow(),
        legs[0].Reception.Statistics(legs[0].Settings.ClockRate, legs[0].KeyFrameRequests),
        legs.Count > 1 ? legs[1].Reception.Statistics(legs[1].Settings.ClockRate, 0) : null));
}
