using System.Collections.Immutable;
using System.Net;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Rtp;

/// <summary>
/// The senders of a session, of both media. Puts their packets in order and has frames made of them. Gives the frames
/// of the recorded senders to the record, with times of one clock, which runs as long as the worker. Keeps the frames
/// since the last key frame of a sender that may be recorded next. Called from any thread.
/// </summary>
internal sealed class RtpSenders
{
    private const long AwayAtEnd = 300_000_000;

    // A new sender's pictures that belong before the latest recorded picture have no time of their own left. Up to this
    // many are accepted, because later pictures need them to be decoded.
    private const int MostPast = 50;

    // The clock starts at this value, so that no earlier time is negative.
    private const long ClockStart = 3_600_000_000_000;

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _guard = new();
    private readonly RtpMedium _picture;
    private readonly RtpMedium? _sound;
    private readonly PacketFeed _feed;
    private readonly FramesOnOneClock _recorded;
    private DateTimeOffset? _keyFrameAwaitedSince;

    /// <summary>Makes the state before the first packet.</summary>
    /// <param name="codec">The picture's codec.</param>
    /// <param name="video">The form of the picture's packets.</param>
    /// <param name="audio">The form of the sound's packets; null: the session has no sound.</param>
    /// <param name="frames">Takes the frames.</param>
    /// <param name="askForKeyFrame">Asks a sender of the picture for a key frame; must not call back.</param>
    /// <param name="failed">Called for errors, on any thread, with the receiver, or with null when no receiver could be
    /// made; must not call back.</param>
    /// <param name="time">The clock.</param>
    public RtpSenders(
        PictureCodec codec,
        RtpLegSettings video,
        RtpLegSettings? audio,
        IRtpFrames frames,
        Action<uint> askForKeyFrame,
        Action<RtpReceiver?, Message> failed,
        TimeProvider time
    )
    {
        this._time = time;
        _start = time.GetTimestamp();
        _picture = new RtpMedium(IsPicture: true, video);
        _sound = audio is null ? null : new RtpMedium(IsPicture: false, audio);
        _feed = new PacketFeed(codec, OnFrame, askForKeyFrame, failed);
        _recorded = new FramesOnOneClock(frames, _picture, _sound);
    }

    /// <summary>Since when the recorded sender of the picture has sent no usable picture. Null: a usable picture has
    /// come, or nothing has come.</summary>
    public DateTimeOffset? KeyFrameAwaitedSince
    {
        get
        {
            lock (_guard)
            {
                return _keyFrameAwaitedSince;
            }
        }
    }

    /// <summary>How long the first frame was held back before the record was given the frame.</summary>
    public TimeSpan Held
    {
        get
        {
            lock (_guard)
            {
                return _recorded.Held;
            }
        }
    }

    private long Now => ClockStart + (_time.GetElapsedTime(_start).Ticks * 100);

    /// <summary>Takes an RTP packet.</summary>
    /// <param name="isPicture">Whether the packet came to the picture's ports.</param>
    /// <param name="head">The packet's header.</param>
    /// <param name="packet">The whole packet, of the usual payload type; the caller still owns the bytes.</param>
    /// <param name="from">The address that the packet came from.</param>
    /// <returns>Whether the packet is of the recorded sender.</returns>
    public bool Came(bool isPicture, RtpPacket head, ReadOnlySpan<byte> packet, IPEndPoint from)
    {
        lock (_guard)
        {
            var now = Now;
            var medium = isPicture ? _picture : _sound!;
            if (medium.Senders.TryGetValue(head.Ssrc, out var sender) && !sender.IsFrom(from, now))
            {
                return false;
            }

            var isFirst = medium.Choice.Recorded is null;
            medium.Choice = medium.Choice.Came(head.Ssrc, head.Sequence, now);
            if (isPicture && isFirst && medium.Choice.Recorded is not null)
            {
                _keyFrameAwaitedSince = _time.GetUtcNow();
            }

            if (sender is null)
            {
                sender = medium.Add(head.Ssrc);
                _ = sender.IsFrom(from, now);
            }

            (sender.Clock, var mediaTime) = sender.Clock.Came(head.Timestamp, now);
            _feed.Came(medium, sender, head.Sequence, new ReceivedPacket(packet.ToArray(), mediaTime), now);
            return medium.Choice.Recorded == head.Ssrc;
        }
    }

    /// <summary>Takes note of an RTP packet of another payload type, such as error correction, because the packet uses
    /// a sequence number of its sender.</summary>
    /// <param name="isPicture">Whether the packet came to the picture's ports.</param>
    /// <param name="head">The packet's header.</param>
    /// <param name="from">The address that the packet came from.</param>
    public void Passed(bool isPicture, RtpPacket head, IPEndPoint from)
    {
        lock (_guard)
        {
            var medium = isPicture ? _picture : _sound!;
            if (medium.Senders.TryGetValue(head.Ssrc, out var sender) && from.Equals(sender.Address.Known))
            {
                medium.Choice = medium.Choice.Passed(head.Ssrc, head.Sequence);
                _feed.Came(medium, sender, head.Sequence, ReceivedPacket.LeftOut, Now);
            }
        }
    }

    /// <summary>Whether this is a known sender of the medium other than the recorded sender.</summary>
    public bool IsOther(bool isPicture, uint ssrc)
    {
        lock (_guard)
        {
            var choice = (isPicture ? _picture : _sound!).Choice;
            return choice.Recorded is { } recorded && recorded != ssrc && choice.Knows(ssrc);
        }
    }

    /// <summary>Takes note of RTCP.</summary>
    public void Said(bool isPicture, RtcpContent content)
    {
        lock (_guard)
        {
            (isPicture ? _picture : _sound!).Said(content, Now);
        }
    }

    /// <summary>The latest report of a sender, for a receiver's report: the identifier of that report, and the time
    /// since the report came, in 1/65536 s.</summary>
    public (uint Report, uint Since)? LastReport(bool isPicture, uint ssrc)
    {
        lock (_guard)
        {
            return
                (isPicture ? _picture : _sound!).Senders.TryGetValue(ssrc, out var sender)
                && sender.LastReport is { } last
                ? (last.Middle, (uint)Math.Min(uint.MaxValue, (Now - last.At) / 1000 * 65536 / 1_000_000))
                : null;
        }
    }

    /// <summary>Checks which senders are there, and gives up packets that were awaited for too long. To be called a few
    /// times a second.</summary>
    public SendersLook Look()
    {
        lock (_guard)
        {
            var now = Now;
            List<RtpReceiver> gone = [];
            List<IgnoredSender> ignored = [];
            foreach (var medium in Media())
            {
                _feed.Release(medium, now, now);
                var look = medium.Choice.Look(now);
                Choose(medium, look.Next, now);
                if (look.Ignored is { } other)
                {
                    ignored.Add(
                        new IgnoredSender(other.Ssrc, medium.Choice.Recorded!.Value, medium.IsPicture, other.LostAfter)
                    );
                }

                if (medium.Recorded is { Address.IsShared: true, IsToldShared: false } shared)
                {
                    shared.IsToldShared = true;
                    ignored.Add(new IgnoredSender(shared.Ssrc, shared.Ssrc, medium.IsPicture, LostAfter: null));
                }

                foreach (var forgotten in look.Gone)
                {
                    if (medium.Senders.Remove(forgotten, out var sender) && sender.Receiver is { } receiver)
                    {
                        sender.Drop();
                        gone.Add(receiver);
                    }
                }
            }

            _recorded.OpenWhenDue(now);
            return new SendersLook([.. gone], [.. ignored]);
        }
    }

    /// <summary>Asks the recorded sender for a key frame as long as a key frame is wanted. To be called about once a
    /// second.</summary>
    public void AskForKeyFrame()
    {
        lock (_guard)
        {
            if (_picture.Recorded is { WantsKeyFrame: true } sender)
            {
                _feed.Ask(sender, Now);
            }
        }
    }

    /// <summary>Gives up a failed receiver. The next packet of its sender leads to a new receiver.</summary>
    /// <param name="receiver">The receiver; null: the receiver could not be made.</param>
    /// <param name="wait">How long no new receiver is made.</param>
    /// <returns>False: the receiver no longer belongs to any sender.</returns>
    public bool Replace(RtpReceiver? receiver, TimeSpan wait)
    {
        lock (_guard)
        {
            var sender = Media()
                .SelectMany(medium => medium.Senders.Values)
                .FirstOrDefault(each => receiver is not null && each.Receiver == receiver);
            if (receiver is not null && sender is null)
            {
                return false;
            }

            if (receiver is not null)
            {
                _recorded.Remove(receiver);
            }

            if (sender is not null && sender == _picture.Recorded)
            {
                _keyFrameAwaitedSince = _time.GetUtcNow();
            }

            sender?.Drop();
            _feed.CreateFrom(wait == TimeSpan.Zero ? long.MinValue : Now + (wait.Ticks * 100));
            return true;
        }
    }

    /// <summary>Puts all packets that have come in order, whatever is missing, and waits for their frames.</summary>
    /// <returns>A task that completes when the frames have come. The task may never complete.</returns>
    public Task DrainAsync()
    {
        lock (_guard)
        {
            foreach (var medium in Media())
            {
                _feed.Release(medium, long.MaxValue, Now);
            }

            return Task.WhenAll(Receivers().Select(receiver => receiver.DrainAsync()));
        }
    }

    /// <summary>Gives the record the frames that were held back and belong to the record, and takes no more
    /// packets.</summary>
    /// <returns>All receivers, to be stopped.</returns>
    public ImmutableList<RtpReceiver> End()
    {
        lock (_guard)
        {
            foreach (var medium in Media())
            {
                Choose(medium, medium.Choice.Look(Now, AwayAtEnd).Next, Now);
            }

            _recorded.Open(Now);
            var all = Receivers();
            _feed.CreateFrom(long.MaxValue);
            foreach (var sender in Media().SelectMany(medium => medium.Senders.Values))
            {
                sender.Drop();
            }

            return all;
        }
    }

    private IEnumerable<RtpMedium> Media() => _sound is null ? [_picture] : [_picture, _sound];

    private ImmutableList<RtpReceiver> Receivers() =>
        [
            .. Media()
                .SelectMany(medium => medium.Senders.Values)
                .Select(sender => sender.Receiver)
                .OfType<RtpReceiver>(),
        ];

    private void OnFrame(RtpMedium medium, HeardSender sender, RtpReceiver receiver, Buffer buffer, Pad pad)
    {
        lock (_guard)
        {
            var isKey = !medium.IsPicture || !buffer.IsDeltaUnit;
            if (sender.Receiver != receiver || buffer.Pts == Buffer.ClockTimeNone)
            {
                return;
            }

            sender.WantsKeyFrame &= !isKey || !medium.IsPicture;
            if (isKey)
            {
                medium.Choice = medium.Choice.Gave(sender.Ssrc);
            }

            var now = Now;
            SenderFrame frame = new(medium, sender, sender.Source, buffer.Copy(), pad, (long)buffer.Pts, now, isKey);
            if (medium.Choice.Recorded == sender.Ssrc)
            {
                _keyFrameAwaitedSince = medium.IsPicture && isKey ? null : _keyFrameAwaitedSince;
                _recorded.Give(frame, now);
            }
            else
            {
                sender.Kept.Keep(frame);
            }
        }
    }

    private void Choose(RtpMedium medium, SenderChoice next, long now)
    {
        var isOther = medium.Choice.Recorded is { } before && before != next.Recorded;
        medium.Choice = next;
        if (!isOther || medium.Recorded is not { } sender)
        {
            return;
        }

        if (medium.IsPicture)
        {
            _keyFrameAwaitedSince = _time.GetUtcNow();
            if (sender.Kept.CountOf(frame => _recorded.TimeOf(frame) <= _recorded.Shown) > MostPast)
            {
                sender.Kept.Clear();
            }

            if (sender.Kept.Count == 0)
            {
                sender.WantsKeyFrame = true;
                _feed.Ask(sender, now);
            }
        }

        _keyFrameAwaitedSince = medium.IsPicture && sender.Kept.Count > 0 ? null : _keyFrameAwaitedSince;
        sender.Kept.Give(frame => _recorded.Give(frame, now));
    }
}
