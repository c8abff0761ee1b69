using System.Net;
using System.Net.Sockets;
using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>
/// Records what is received: binds the ports, keeps a reception and a record going and tells how it goes. A reception that fails is replaced; the record and
/// the ports outlive it.
/// </summary>
internal sealed partial class RtpSource : RecordSource
{
    private const int TurnsPerSecond = 4;

    private readonly WorkerCommand.ReceiveRtp settings;
    private readonly List<RtpLeg> legs = [];
    private RtpRecord? record;
    private RtpSenders? senders;
    private TimeSpan heldBack;
    private SenderWatch? watch;
    private ReceptionRetry? retry;
    private WriteWatch writing = new(BehindSince: null);
    private bool firstFrameTold;
    private int turns;

    /// <summary>No port is bound before <see cref="PrepareAsync"/>.</summary>
    /// <param name="settings">What to receive and where to write it.</param>
    /// <param name="port">The loop.</param>
    public RtpSource(WorkerCommand.ReceiveRtp settings, LoopPort port)
        : base(new RecordPlace(settings.Session, settings.Path, settings.Container, settings.MinimumFreeBytes), port) => this.settings = settings;

    /// <summary>From the bound ports on: what comes from then on belongs to the record.</summary>
    public override bool HasBegun => watch is not null;

    /// <inheritdoc/>
    public override TimeSpan TickInterval { get; } = TimeSpan.FromSeconds(1) / TurnsPerSecond;

    /// <inheritdoc/>
    public override async Task PrepareAsync()
    {
        IPAddress address = await FindAddressAsync().ConfigureAwait(false);
        legs.Add(new RtpLeg(RtpPorts.Bind(address, settings.Video, settings.Session), settings.Video, isPicture: true, Port.Time));
        if (settings.Audio is { } audio)
        {
            legs.Add(new RtpLeg(RtpPorts.Bind(address, audio, settings.Session), audio, isPicture: false, Port.Time));
        }

        Reserve(settings.Path);
        Application.Init();
        record = OpenRecord();
        record.Start();
        StartReception();
        DateTimeOffset now = Port.Time.GetUtcNow();
        retry = new ReceptionRetry(Failures: 0, now);
        watch = new SenderWatch(now);
        RtpLegSettings? sound = legs.Count > 1 ? legs[1].Settings : null;
        Port.Tell(new WorkerEvent.RtpReady(now, legs[0].Settings.RtpPort, legs[0].Settings.RtcpPort, sound?.RtpPort, sound?.RtcpPort));
    }

    /// <inheritdoc/>
    public override string CannotBuild(string reason) => $"Session {settings.Session} cannot receive RTP: {reason}";

    /// <inheritdoc/>
    public override Task<RecordFault?> ObeyAsync(WorkerCommand command) => Task.FromResult(Refuse("A worker that receives RTP can only be told to finish."));

    /// <inheritdoc/>
    public override async Task<RecordFault?> ReactAsync(WorkerInput input)
    {
        switch (input)
        {
            case RtpInput.RecordBegan:
                TellFirstFrame();
                return null;
            case RtpInput.RecordFailed { Error: var error }:
                return new RecordFault(PipelineFault.CodeOf(error), $"The record of session {settings.Session} failed: {error.Message}");
            case RtpInput.ParametersTooLong { Bytes: var bytes }:
                Port.Tell(new WorkerEvent.RtpReceptionFailed(Port.Time.GetUtcNow(), $"Session {settings.Session} leaves out pictures whose parameter sets are {bytes} bytes long; a record has room for {RecordPicture.MostConfiguration}. See what its sender sends."));
                return null;
            case RtpInput.ReceiverMessage failed:
                await OnReceiverFailedAsync(failed.Receiver, failed.Message).ConfigureAwait(false);
                return null;
            default:
                return null;
        }
    }

    /// <inheritdoc/>
    public override async Task<RecordFault?> OnTickAsync()
    {
        await LookAtSendersAsync().ConfigureAwait(false);
        if (++turns % TurnsPerSecond != 0)
        {
            return null;
        }

        senders!.AskForKeyFrame();
        legs.ForEach(leg => leg.Report());
        Port.Tell(Measure());
        (writing, bool stalled) = writing.Look(record!.Waiting, Port.Time.GetUtcNow());
        return stalled
            ? new RecordFault(
                WorkerFailure.Stalled,
                $"The record of session {settings.Session} has not kept up with what is received for {WriteWatch.Limit.TotalSeconds:0} s, and was ended. See that the disk of {settings.Path} answers.")
            : null;
    }

    private RtpRecord OpenRecord()
    {
        try
        {
            return new RtpRecord(settings, () => Port.Post(new RtpInput.RecordBegan()), error => Port.Post(new RtpInput.RecordFailed(error)), bytes => Port.Post(new RtpInput.ParametersTooLong(bytes)), Port.Time);
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

    private void TellFirstFrame()
    {
        if (!firstFrameTold && record?.BeganAt is { } at)
        {
            firstFrameTold = true;
            Port.Tell(new WorkerEvent.FirstFrame(at - (senders?.Held ?? heldBack), settings.Path));
        }
    }

    private WorkerEvent.RtpProgress Measure() => new(record!.Frames, RecordFile.Length(settings.Path), record.Duration, new RtpFigures(
        Port.Time.GetUtcNow(),
        legs[0].Reception.Statistics(legs[0].Settings.ClockRate, legs[0].KeyFrameRequests),
        legs.Count > 1 ? legs[1].Reception.Statistics(legs[1].Settings.ClockRate, 0) : null));
}
