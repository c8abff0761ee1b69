using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Rtp;

/// <summary>What a look at all senders has brought.</summary>
/// <param name="Gone">Receivers of senders that are gone; they are to be stopped.</param>
/// <param name="Ignored">Senders of which is to be told that they are not recorded.</param>
internal sealed record SendersLook(ImmutableList<RtpReceiver> Gone, ImmutableList<IgnoredSender> Ignored);

/// <summary>A sender that is not recorded.</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="Recorded">The one that is recorded in its place; the same: another one with its SSRC, at another address.</param>
/// <param name="IsPicture">Whether it sends the picture.</param>
internal sealed record IgnoredSender(uint Ssrc, uint Recorded, bool IsPicture);

/// <summary>
/// The senders of a session, of both media: puts their packets in order, has frames made of them, and gives those of the recorded ones to the record
/// with times of one clock, which runs as long as the worker. Frames of a sender that may be recorded next are kept from its last key frame on.
/// Called from any thread.
/// </summary>
internal sealed class RtpSenders
{
    // A record begins when it is known how picture and sound belong together, or after so long without.
    private const long OpeningLimit = 700_000_000;
    private const long AwayAtEnd = 300_000_000;
    private const long NearlyAway = 300_000_000;
    private const long SoundKept = 1_500_000_000;
    private const long PictureBytesKept = 8 << 20;

    // Pictures from before those of the sender before have no time of their own left: so many may be there that the rest can be decoded.
    private const int MostPast = 50;
    private const int MostEarly = 15;
    private const long BetweenRequests = 300_000_000;

    // The clock's beginning, so that no time before it is negative.
    private const long ClockStart = 3_600_000_000_000;

    private readonly PictureCodec codec;
    private readonly IRtpFrames frames;
    private readonly Action<uint> askForKeyFrame;
    private readonly Action<RtpReceiver?, Message> failed;
    private readonly TimeProvider time;
    private readonly long start;
    private readonly Lock guard = new();
    private readonly Medium picture;
    private readonly Medium? sound;
    private LipSync sync = LipSync.Empty;
    private Opening? opening;
    private long createsFrom = long.MinValue;
    private int source;
    private DateTimeOffset? keyFrameAwaitedSince;
    private long shown;
    private TimeSpan held;

    /// <summary>Knows nobody.</summary>
    /// <param name="codec">The picture's codec.</param>
    /// <param name="video">The picture's packets.</param>
    /// <param name="audio">The sound's packets; null: there is no sound.</param>
    /// <param name="frames">Where frames go.</param>
    /// <param name="askForKeyFrame">Asks a sender of the picture for a key frame; must not call back.</param>
    /// <param name="failed">Called for errors, on any thread: the receiver, or null where none could be made; must not call back.</param>
    /// <param name="time">The clock.</param>
    public RtpSenders(
        PictureCodec codec,
        RtpLegSettings video,
        RtpLegSettings? audio,
        IRtpFrames frames,
        Action<uint> askForKeyFrame,
        Action<RtpReceiver?, Message> failed,
        TimeProvider time)
    {
        this.codec = codec;
        this.frames = frames;
        this.askForKeyFrame = askForKeyFrame;
        this.failed = failed;
        this.time = time;
        start = time.GetTimestamp();
        picture = new Medium(IsPicture: true, video);
        sound = audio is null ? null : new Medium(IsPicture: false, audio);
        opening = audio is null ? null : new Opening();
    }

    /// <summary>Since when the picture's sender is recorded and has sent no picture that can be; null: it has, or nothing has come.</summary>
    public DateTimeOffset? KeyFrameAwaitedSince
    {
        get
        {
            lock (guard)
            {
                return keyFrameAwaitedSince;
            }
        }
    }

    /// <summary>How long before it was given to the record the first frame had come.</summary>
    public TimeSpan Held
    {
        get
        {
            lock (guard)
            {
                return held;
            }
        }
    }

    private long Now => ClockStart + (time.GetElapsedTime(start).Ticks * 100);

    /// <summary>An RTP packet has come.</summary>
    /// <param name="isPicture">Whether it came to the picture's ports.</param>
    /// <param name="head">Its head.</param>
    /// <param name="packet">The whole packet, of the usual payload type; it stays the caller's.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>Whether it is of the sender that is recorded.</returns>
    public bool Came(bool isPicture, RtpPacket head, ReadOnlySpan<byte> packet, IPEndPoint from)
    {
        lock (guard)
        {
            long now = Now;
            Medium medium = isPicture ? picture : sound!;
            if (medium.Senders.TryGetValue(head.Ssrc, out Sender? sender) && !sender.IsFrom(from, now))
            {
                return false;
            }

            bool isFirst = medium.Choice.Recorded is null;
            medium.Choice = medium.Choice.Came(head.Ssrc, head.Sequence, now);
            if (isPicture && isFirst && medium.Choice.Recorded is not null)
            {
                keyFrameAwaitedSince = time.GetUtcNow();
            }

            if (sender is null)
            {
                foreach (uint stranger in medium.Senders.Keys.Where(each => !medium.Choice.Senders.ContainsKey(each)).ToList())
                {
                    medium.Senders.Remove(stranger);
                }

                sender = new Sender(head.Ssrc, new SenderClock(medium.Leg.ClockRate));
                _ = sender.IsFrom(from, now);
                medium.Senders.Add(head.Ssrc, sender);
            }

            (sender.Clock, long mediaTime) = sender.Clock.Came(head.Timestamp, now);
            PutInOrder(medium, sender, head.Sequence, new Datagram(packet.ToArray(), mediaTime), now);
            return medium.Choice.Recorded == head.Ssrc;
        }
    }

    /// <summary>An RTP packet of another payload type has come, such as one of error correction: it has a place in its sender's count.</summary>
    /// <param name="isPicture">Whether it came to the picture's ports.</param>
    /// <param name="head">Its head.</param>
    /// <param name="from">Where it came from.</param>
    public void Passed(bool isPicture, RtpPacket head, IPEndPoint from)
    {
        lock (guard)
        {
            Medium medium = isPicture ? picture : sound!;
            if (medium.Senders.TryGetValue(head.Ssrc, out Sender? sender) && from.Equals(sender.Address.Known))
            {
                medium.Choice = medium.Choice.Passed(head.Ssrc, head.Sequence);
                PutInOrder(medium, sender, head.Sequence, Datagram.LeftOut, Now);
            }
        }
    }

    /// <summary>Whether this is a sender of the medium beside the one that is recorded.</summary>
    public bool IsOther(bool isPicture, uint ssrc)
    {
        lock (guard)
        {
            SenderChoice choice = (isPicture ? picture : sound!).Choice;
            return choice.Recorded is { } recorded && recorded != ssrc && choice.Knows(ssrc);
        }
    }

    /// <summary>RTCP has come.</summary>
    public void Said(bool isPicture, RtcpContent content)
    {
        lock (guard)
        {
            long now = Now;
            Medium medium = isPicture ? picture : sound!;
            foreach (RtcpSenderReport report in content.Reports)
            {
                // The first report often comes before the first packet.
                if (medium.Senders.TryGetValue(report.Ssrc, out Sender? sender))
                {
                    sender.Clock = sender.Clock.Said(report, now);
                    sender.LastReport = (report.Middle, now);
                }
                else
                {
                    medium.Early = (report, now);
                }
            }

            foreach ((uint ssrc, string name) in content.Names)
            {
                if (medium.Senders.TryGetValue(ssrc, out Sender? sender))
                {
                    sender.Name = name;
                }
            }

            foreach (uint ssrc in content.Left)
            {
                medium.Choice = medium.Choice.Left(ssrc);
            }
        }
    }

    /// <summary>The latest report of a sender of whom a receiver's report tells: its name, and for how long it has been here in 1/65536 s.</summary>
    public (uint Report, uint Since)? LastReport(bool isPicture, uint ssrc)
    {
        lock (guard)
        {
            return (isPicture ? picture : sound!).Senders.TryGetValue(ssrc, out Sender? sender) && sender.LastReport is { } last
                ? (last.Middle, (uint)Math.Min(uint.MaxValue, (Now - last.At) / 1000 * 65536 / 1_000_000))
                : null;
        }
    }

    /// <summary>Looks who is there, and gives up packets that were awaited for too long. To be called a few times a second.</summary>
    public SendersLook Look()
    {
        lock (guard)
        {
            long now = Now;
            List<RtpReceiver> gone = [];
            List<IgnoredSender> ignored = [];
            foreach (Medium medium in Media())
            {
                Release(medium, now, now);
                SenderLook look = medium.Choice.Look(now);
                Choose(medium, look.Next, now);
                if (look.Ignored is { } ssrc)
                {
                    ignored.Add(new IgnoredSender(ssrc, medium.Choice.Recorded!.Value, medium.IsPicture));
                }

                if (medium.Recorded is { Address.IsShared: true, IsToldShared: false } shared)
                {
                    shared.IsToldShared = true;
                    ignored.Add(new IgnoredSender(shared.Ssrc, shared.Ssrc, medium.IsPicture));
                }

                foreach (uint forgotten in look.Gone)
                {
                    if (medium.Senders.Remove(forgotten, out Sender? sender) && sender.Receiver is { } receiver)
                    {
                        sender.Drop();
                        gone.Add(receiver);
                    }
                }
            }

            OpenWhenDue(now);
            return new SendersLook([.. gone], [.. ignored]);
        }
    }

    /// <summary>Asks the recorded sender for a key frame as long as one is wanted. To be called about once a second.</summary>
    public void AskForKeyFrame()
    {
        lock (guard)
        {
            if (picture.Recorded is { WantsKeyFrame: true } sender)
            {
                Ask(sender, Now);
            }
        }
    }

    /// <summary>A receiver has failed: its sender gets another one with its next packet.</summary>
    /// <param name="receiver">The receiver; null: it could not be made.</param>
    /// <param name="wait">How long none is made.</param>
    /// <returns>False: it belongs to no sender any more.</returns>
    public bool Replace(RtpReceiver? receiver, TimeSpan wait)
    {
        lock (guard)
        {
            Sender? sender = Media().SelectMany(medium => medium.Senders.Values).FirstOrDefault(each => receiver is not null && each.Receiver == receiver);
            if (receiver is not null && sender is null)
            {
                return false;
            }

            if (opening is not null && receiver is not null)
            {
                opening.Remove(receiver);
            }

            if (sender is not null && sender == picture.Recorded)
            {
                keyFrameAwaitedSince = time.GetUtcNow();
            }

            sender?.Drop();
            createsFrom = wait == TimeSpan.Zero ? long.MinValue : Now + (wait.Ticks * 100);
            return true;
        }
    }

    /// <summary>All packets that have come are put in order, whatever is missing, and their frames are awaited.</summary>
    /// <returns>Done when they have come, if they do.</returns>
    public Task DrainAsync()
    {
        lock (guard)
        {
            foreach (Medium medium in Media())
            {
                Release(medium, long.MaxValue, Now);
            }

            return Task.WhenAll(Receivers().Select(receiver => receiver.DrainAsync()));
        }
    }

    /// <summary>Gives the record what was kept back and belongs to it, and takes nothing any more.</summary>
    /// <returns>All receivers, to be stopped.</returns>
    public ImmutableList<RtpReceiver> End()
    {
        lock (guard)
        {
            foreach (Medium medium in Media())
            {
                Choose(medium, medium.Choice.Look(Now, AwayAtEnd).Next, Now);
            }

            Open();
            ImmutableList<RtpReceiver> all = Receivers();
            createsFrom = long.MaxValue;
            foreach (Sender sender in Media().SelectMany(medium => medium.Senders.Values))
            {
                sender.Drop();
            }

            return all;
        }
    }

    private IEnumerable<Medium> Media() => sound is null ? [picture] : [picture, sound];

    private ImmutableList<RtpReceiver> Receivers() => [.. Media().SelectMany(medium => medium.Senders.Values).Select(sender => sender.Receiver).OfType<RtpReceiver>()];

    private void Release(Medium medium, long until, long now)
    {
        foreach (Sender sender in medium.Senders.Values)
        {
            (sender.Order, ImmutableList<Datagram> ready, bool lossy) = sender.Order.Look(until);
            Feed(medium, sender, ready, lossy, now);
        }
    }

    private void PutInOrder(Medium medium, Sender sender, ushort sequence, Datagram datagram, long now)
    {
        bool begins = !sender.IsFed;
        sender.Early = begins ? sender.Early.Add((sequence, datagram, now)) : sender.Early;
        sender.IsFed = medium.Choice.Knows(sender.Ssrc);
        if (!sender.IsFed)
        {
            sender.Early = sender.Early.Count > MostEarly ? sender.Early.RemoveAt(0) : sender.Early;
            return;
        }

        (sender.Order, ImmutableList<Datagram> ready, bool lossy) = begins
            ? PacketOrder<Datagram>.Begin(sender.Early)
            : sender.Order.Came(sequence, datagram, now);
        sender.Early = [];
        Feed(medium, sender, ready, lossy, now);
    }

    private void Feed(Medium medium, Sender sender, ImmutableList<Datagram> ready, bool lossy, long now)
    {
        if (medium.Early is { } early && early.Report.Ssrc == sender.Ssrc)
        {
            sender.Clock = sender.Clock.Said(early.Report, early.At);
            sender.LastReport = (early.Report.Middle, early.At);
            medium.Early = null;
        }

        if (ready.IsEmpty || (sender.Receiver is null && !Create(medium, sender, now)))
        {
            return;
        }

        foreach (Datagram datagram in ready)
        {
            if (datagram == Datagram.LeftOut)
            {
                sender.LeftOut++;
                continue;
            }

            // What is left out is no loss to the depayloader.
            Span<byte> sequence = datagram.Content.AsSpan(RtpPacket.SequencePosition);
            BinaryPrimitives.WriteUInt16BigEndian(sequence, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(sequence) - sender.LeftOut));
            sender.Receiver!.Push(datagram.Content, datagram.MediaTime);
        }

        if (lossy && medium.IsPicture)
        {
            sender.WantsKeyFrame = true;
        }

        if (sender.WantsKeyFrame && medium.IsPicture && medium.Choice.Recorded == sender.Ssrc && now - sender.AskedAt >= BetweenRequests && (lossy || sender.AskedAt == 0))
        {
            Ask(sender, now);
        }
    }

    private bool Create(Medium medium, Sender sender, long now)
    {
        if (now < createsFrom)
        {
            return false;
        }

        RtpReceiver? made = null;
        try
        {
            made = new RtpReceiver(
                medium.IsPicture ? codec : null, medium.Leg, (receiver, buffer, pad) => OnFrame(medium, sender, receiver, buffer, pad), (receiver, message) => failed(receiver, message));
            made.Start();
        }
        catch (GStreamerException error)
        {
            // Until the worker has decided on the next try.
            createsFrom = long.MaxValue;
            failed(null, new Message(MessageType.Error, medium.IsPicture ? "picture" : "sound", "", 0, error.Message));
            made?.Stop();
            made?.Dispose();
            return false;
        }

        (sender.Receiver, sender.Source, sender.WantsKeyFrame, sender.AskedAt) = (made, ++source, medium.IsPicture, 0);
        return true;
    }

    private void Ask(Sender sender, long now)
    {
        sender.AskedAt = now;
        askForKeyFrame(sender.Ssrc);
    }

    private void OnFrame(Medium medium, Sender sender, RtpReceiver receiver, Buffer buffer, Pad pad)
    {
        lock (guard)
        {
            bool isKey = !medium.IsPicture || !buffer.IsDeltaUnit;
            if (sender.Receiver != receiver || buffer.Pts == Buffer.ClockTimeNone)
            {
                return;
            }

            sender.WantsKeyFrame &= !isKey || !medium.IsPicture;
            if (isKey)
            {
                medium.Choice = medium.Choice.Gave(sender.Ssrc);
            }

            Frame frame = new(medium, sender, sender.Source, buffer.Copy(), pad, (long)buffer.Pts, Now, isKey);
            if (medium.Choice.Recorded == sender.Ssrc)
            {
                keyFrameAwaitedSince = medium.IsPicture && isKey ? null : keyFrameAwaitedSince;
                Give(frame);
            }
            else
            {
                Keep(frame);
            }
        }
    }

    private void Choose(Medium medium, SenderChoice next, long now)
    {
        bool isOther = medium.Choice.Recorded is { } before && before != next.Recorded;
        medium.Choice = next;
        if (!isOther || medium.Recorded is not { } sender)
        {
            return;
        }

        if (medium.IsPicture)
        {
            keyFrameAwaitedSince = time.GetUtcNow();
            if (sender.Kept.Count(frame => Time(frame) <= shown) > MostPast)
            {
                Forget(sender.Kept, sender.Kept.Count);
            }

            if (sender.Kept.Count == 0)
            {
                sender.WantsKeyFrame = true;
                Ask(sender, now);
            }
        }

        keyFrameAwaitedSince = medium.IsPicture && sender.Kept.Count > 0 ? null : keyFrameAwaitedSince;
        sender.Kept.ForEach(Give);
        sender.Kept.Clear();
    }

    private static void Keep(Frame frame)
    {
        List<Frame> kept = frame.Sender.Kept;
        if (!frame.Medium.IsPicture)
        {
            kept.Add(frame);
            int old = kept.FindIndex(each => frame.MediaTime - each.MediaTime <= SoundKept);
            Forget(kept, old);
            return;
        }

        // What came since the recorded sender went, or beside its nonsense, is all that there is of this time.
        bool isAllThereIs = kept.Count > 0
            && frame.Medium.Choice is { Recorded: { } recorded } choice
            && choice.Senders[recorded] is var present
            && (!present.IsUsable || present.LastAt < kept[0].At || frame.At - present.LastAt >= NearlyAway);
        if ((frame.IsKey && !isAllThereIs) || kept.Sum(each => each.Buffer.Size) > PictureBytesKept)
        {
            Forget(kept, kept.Count);
        }

        if (frame.IsKey || kept.Count > 0)
        {
            kept.Add(frame);
        }
        else
        {
            frame.Buffer.Unref();
        }
    }

    private static void Forget(List<Frame> kept, int count)
    {
        kept.Take(count).ToList().ForEach(each => each.Buffer.Unref());
        kept.RemoveRange(0, count);
    }

    private void Give(Frame frame)
    {
        if (opening is null)
        {
            Place(frame);
            return;
        }

        // The record cannot begin with what depends on a picture before.
        if (!frame.IsKey && !opening.Frames.Exists(each => each.Source == frame.Source))
        {
            frame.Buffer.Unref();
            return;
        }

        long now = Now;
        opening.Since ??= now;
        opening.Frames.Add(frame);
        OpenWhenDue(now);
    }

    private void OpenWhenDue(long now)
    {
        if (opening is { Since: { } since } begun && (now - since >= OpeningLimit || begun.IsWhole))
        {
            Open();
        }
    }

    private void Open()
    {
        if (opening is not { } begun)
        {
            return;
        }

        opening = null;

        // The sound first: the picture goes by it. Pictures stay in the order they are decoded in.
        List<(Frame Frame, long Time, long Order)> placed = [];
        long latest = long.MinValue;
        foreach (Frame frame in begun.Frames.OrderBy(frame => frame.Medium.IsPicture))
        {
            long at = Time(frame);
            latest = frame.Medium.IsPicture ? Math.Max(latest, at) : latest;
            placed.Add((frame, at, frame.Medium.IsPicture ? latest : at));
        }

        held = placed.Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((Now - placed.Min(each => each.Time)) / TimeSpan.NanosecondsPerTick);
        foreach ((Frame frame, long at, _) in placed.OrderBy(each => each.Order))
        {
            Hand(frame, at);
        }
    }

    private void Place(Frame frame) => Hand(frame, Time(frame));

    private long Time(Frame frame)
    {
        TimedSender own = frame.Sender.Timed;
        (sync, long at) = frame.Medium.IsPicture
            ? sync.PlacePicture(frame.MediaTime, own, sound?.Recorded?.Timed)
            : sync.PlaceSound(frame.MediaTime, own, picture.Recorded?.Timed);
        return at;
    }

    private void Hand(Frame frame, long at)
    {
        Buffer buffer = frame.Buffer;
        buffer.Pts = (ulong)Math.Max(0, at);
        if (frame.Medium.IsPicture)
        {
            shown = Math.Max(shown, at);
            frames.Picture(frame.Source, buffer, frame.Pad);
        }
        else
        {
            frames.Sound(buffer);
        }

        buffer.Unref();
    }

    private sealed record Datagram(byte[] Content, long MediaTime)
    {
        /// <summary>In the place of a packet of another payload type.</summary>
        public static Datagram LeftOut { get; } = new([], 0);
    }

    /// <summary>A frame with a reference of its own to its buffer.</summary>
    private sealed record Frame(Medium Medium, Sender Sender, int Source, Buffer Buffer, Pad Pad, long MediaTime, long At, bool IsKey);

    /// <summary>What has come before the record begins.</summary>
    private sealed class Opening
    {
        public List<Frame> Frames { get; } = [];

        public long? Since { get; set; }

        /// <summary>Whether both media are there and it is known how they belong together.</summary>
        public bool IsWhole =>
            Frames.Find(frame => frame.Medium.IsPicture) is { } shown
            && Frames.Find(frame => !frame.Medium.IsPicture) is { } heard
            && LipSync.IsTold(shown.Sender.Timed, heard.Sender.Timed);

        public void Remove(RtpReceiver receiver)
        {
            foreach (Frame frame in Frames.Where(frame => frame.Sender.Receiver == receiver).ToList())
            {
                frame.Buffer.Unref();
                Frames.Remove(frame);
            }
        }
    }

    private sealed record Medium(bool IsPicture, RtpLegSettings Leg)
    {
        public SenderChoice Choice { get; set; } = SenderChoice.Empty;

        public Dictionary<uint, Sender> Senders { get; } = [];

        public (RtcpSenderReport Report, long At)? Early { get; set; }

        public Sender? Recorded => Choice.Recorded is { } ssrc ? Senders.GetValueOrDefault(ssrc) : null;
    }

    private sealed class Sender(uint ssrc, SenderClock clock)
    {
        public uint Ssrc { get; } = ssrc;

        public SenderClock Clock { get; set; } = clock;

        public PacketOrder<Datagram> Order { get; set; } = PacketOrder<Datagram>.Empty;

        public string? Name { get; set; }

        /// <summary>What came before it was known as a sender.</summary>
        public ImmutableList<(ushort Sequence, Datagram Packet, long At)> Early { get; set; } = [];

        public SenderAddress Address { get; private set; }

        public bool IsToldShared { get; set; }

        /// <summary>Packets of other payload types so far, modulo 2^16.</summary>
        public ushort LeftOut { get; set; }

        /// <summary>Whether its packets are put in order.</summary>
        public bool IsFed { get; set; }

        public List<Frame> Kept { get; } = [];

        public RtpReceiver? Receiver { get; set; }

        public int Source { get; set; }

        public bool WantsKeyFrame { get; set; }

        public long AskedAt { get; set; }

        public (uint Middle, long At)? LastReport { get; set; }

        public TimedSender Timed => new(Ssrc, Clock, Name);

        public bool IsFrom(IPEndPoint from, long at)
        {
            (Address, bool isOfSender) = Address.Came(from, at);
            return isOfSender;
        }

        public void Drop()
        {
            Receiver = null;
            Forget(Kept, Kept.Count);
        }
    }
}
