using System.Net;
using System.Net.Sockets;
using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>
/// Records received media: binds the ports, keeps a reception and a record running, and reports their progress. A
/// failed reception is replaced; the record and the ports outlive the reception.
/// </summary>
internal sealed partial class RtpSource : RecordSource
{
    private const int TurnsPerSecond = 4;

    private readonly WorkerCommand.ReceiveRtp _settings;
    private readonly List<RtpLeg> _legs = [];
    private RtpRecord? _record;
    private RtpSenders? _senders;
    private TimeSpan _heldBack;
    private SenderWatch? _watch;
    private ReceptionRetry? _retry;
    private WriteWatch _writing = new(BehindSince: null);
    private DateTimeOffset? _firstFrameAt;
    private int _turns;

    /// <summary>A source that binds no port before <see cref="PrepareAsync"/>.</summary>
    /// <param name="settings">What to receive, and where to write the record.</param>
    /// <param name="port">The loop.</param>
    public RtpSource(WorkerCommand.ReceiveRtp settings, LoopPort port)
        : base(new RecordPlace(settings.Session, settings.Path, settings.Container, settings.MinimumFreeBytes), port) =>
        this._settings = settings;

    /// <summary>True as soon as the ports are bound: all packets after that belong to the record.</summary>
    public override bool HasBegun => _watch is not null;

    /// <inheritdoc/>
    public override TimeSpan TickInterval { get; } = TimeSpan.FromSeconds(1) / TurnsPerSecond;

    /// <inheritdoc/>
    public override async Task PrepareAsync()
    {
        var address = await FindAddressAsync();
        _legs.Add(
            new RtpLeg(
                RtpPorts.Bind(address, _settings.Video, _settings.Session),
                _settings.Video,
                isPicture: true,
                Port.Time
            )
        );
        if (_settings.Audio is { } audio)
        {
            _legs.Add(new RtpLeg(RtpPorts.Bind(address, audio, _settings.Session), audio, isPicture: false, Port.Time));
        }

        Reserve(_settings.Path);
        Application.Init();
        _record = OpenRecord();
        _record.Start();
        StartReception();
        var now = Port.Time.GetUtcNow();
        _retry = new ReceptionRetry(Failures: 0, now);
        _watch = new SenderWatch(now);
        var sound = _legs.Count > 1 ? _legs[1].Settings : null;
        Port.Tell(
            new WorkerEvent.RtpReady(
                now,
                _legs[0].Settings.RtpPort,
                _legs[0].Settings.RtcpPort,
                sound?.RtpPort,
                sound?.RtcpPort
            )
        );
    }

    /// <inheritdoc/>
    public override string CannotBuild(string reason) => $"Session {_settings.Session} cannot receive RTP: {reason}";

    /// <inheritdoc/>
    public override Task<RecordFault?> ObeyAsync(WorkerCommand command)
    {
        if (command is WorkerCommand.Mark mark && _firstFrameAt is { } first)
        {
            Mark(mark, Math.Max(0, (mark.At - first).TotalSeconds));
            return Task.FromResult<RecordFault?>(null);
        }
        return Task.FromResult(
            Refuse("A worker that receives RTP can only be told to finish, and to mark a moment of its record.")
        );
    }

    /// <inheritdoc/>
    public override async Task<RecordFault?> ReactAsync(WorkerInput input)
    {
        switch (input)
        {
            case RtpInput.RecordBegan:
                TellFirstFrame();
                return null;
            case RtpInput.RecordFailed { Error: var error }:
                return new RecordFault(
                    PipelineFault.CodeOf(error),
                    $"The record of session {_settings.Session} failed: {error.Message}"
                );
            case RtpInput.ParametersTooLong { Bytes: var bytes }:
                Port.Tell(
                    new WorkerEvent.RtpReceptionFailed(
                        Port.Time.GetUtcNow(),
                        $"Session {_settings.Session} leaves out pictures whose parameter sets are {bytes} bytes long; a record has room for {RecordPicture.MostConfiguration}. See what its sender sends."
                    )
                );
                return null;
            case RtpInput.ReceiverMessage failed:
                await OnReceiverFailedAsync(failed.Receiver, failed.Message);
                return null;
            default:
                return null;
        }
    }

    /// <inheritdoc/>
    public override async Task<RecordFault?> OnTickAsync()
    {
        await LookAtSendersAsync();
        if (++_turns % TurnsPerSecond != 0)
        {
            return null;
        }

        _senders!.AskForKeyFrame();
        _legs.ForEach(leg => leg.Report());
        Port.Tell(Measure());
        (_writing, var stalled) = _writing.Look(_record!.Waiting, Port.Time.GetUtcNow());
        return stalled
            ? new RecordFault(
                WorkerFailure.Stalled,
                $"The record of session {_settings.Session} has not kept up with what is received for {WriteWatch.Limit.TotalSeconds:0} s, and was ended. See that the disk of {_settings.Path} answers."
            )
            : null;
    }

    private RtpRecord OpenRecord()
    {
        try
        {
            return new RtpRecord(
                _settings,
                () => Port.Post(new RtpInput.RecordBegan()),
                error => Port.Post(new RtpInput.RecordFailed(error)),
                bytes => Port.Post(new RtpInput.ParametersTooLong(bytes)),
                Port.Time
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkerException(
                WorkerFailure.RecordsFolderUnavailable,
                $"Session {_settings.Session} cannot open its record: {error.Message}"
            );
        }
    }

    private async Task<IPAddress> FindAddressAsync()
    {
        try
        {
            return (await Dns.GetHostAddressesAsync(_settings.Address))[0];
        }
        catch (SocketException error)
        {
            throw new WorkerException(
                WorkerFailure.PortInUse,
                $"Session {_settings.Session} cannot receive on {_settings.Address}: {error.Message}. Correct Media:RtpAddress."
            );
        }
    }

    private void TellFirstFrame()
    {
        if (_firstFrameAt is null && _record?.BeganAt is { } at)
        {
            _firstFrameAt = at - (_senders?.Held ?? _heldBack);
            Port.Tell(new WorkerEvent.FirstFrame(_firstFrameAt.Value, _settings.Path));
        }
    }

    private WorkerEvent.RtpProgress Measure() =>
        new(
            _record!.Frames,
            RecordFile.Length(_settings.Path),
            _record.Duration,
            new RtpFigures(
                Port.Time.GetUtcNow(),
                _legs[0].Reception.Statistics(_legs[0].Settings.ClockRate, _legs[0].KeyFrameRequests),
                _legs.Count > 1 ? _legs[1].Reception.Statistics(_legs[1].Settings.ClockRate, 0) : null
            )
        );
}
