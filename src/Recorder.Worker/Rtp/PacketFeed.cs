using System.Buffers.Binary;
using System.Collections.Immutable;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Rtp;

/// <summary>A frame has come out of a receiver, on any thread.</summary>
/// <param name="medium">Its medium.</param>
/// <param name="sender">Its sender.</param>
/// <param name="receiver">The receiver.</param>
/// <param name="buffer">The frame; it stays the receiver's.</param>
/// <param name="pad">Where it came out.</param>
internal delegate void FrameMade(RtpMedium medium, HeardSender sender, RtpReceiver receiver, Buffer buffer, Pad pad);

/// <summary>
/// Puts the packets of each sender in order and has frames made of them, by a receiver that is made when its sender is
/// known. Asks for key frames where packets are lost. Guarded by the lock of <see cref="RtpSenders"/>.
/// </summary>
/// <param name="codec">The picture's codec.</param>
/// <param name="made">Called for each frame.</param>
/// <param name="askForKeyFrame">Asks a sender of the picture for a key frame; must not call back.</param>
/// <param name="failed">Called for errors, on any thread: the receiver, or null where none could be made; must not call
/// back.</param>
internal sealed class PacketFeed(
    PictureCodec codec,
    FrameMade made,
    Action<uint> askForKeyFrame,
    Action<RtpReceiver?, Message> failed
)
{
    private const int MostEarly = 15;
    private const long BetweenRequests = 300_000_000;

    private long _createsFrom = long.MinValue;
    private int _source;

    /// <summary>One more packet of a sender.</summary>
    /// <param name="medium">The medium.</param>
    /// <param name="sender">The sender.</param>
    /// <param name="sequence">The packet's sequence number.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="now">The time in nanoseconds.</param>
    public void Came(RtpMedium medium, HeardSender sender, ushort sequence, ReceivedPacket packet, long now)
    {
        var begins = !sender.IsFed;
        sender.Early = begins ? sender.Early.Add((sequence, packet, now)) : sender.Early;
        sender.IsFed = medium.Choice.Knows(sender.Ssrc);
        if (!sender.IsFed)
        {
            sender.Early = sender.Early.Count > MostEarly ? sender.Early.RemoveAt(0) : sender.Early;
            return;
        }

        (sender.Order, var ready, var lossy) = begins
            ? PacketOrder<ReceivedPacket>.Begin(sender.Early)
            : sender.Order.Came(sequence, packet, now);
        sender.Early = [];
        Feed(medium, sender, ready, lossy, now);
    }

    /// <summary>Gives up packets that were awaited for too long.</summary>
    /// <param name="medium">The medium.</param>
    /// <param name="until">As of <see cref="PacketOrder{T}.Look"/>.</param>
    /// <param name="now">The time in nanoseconds.</param>
    public void Release(RtpMedium medium, long until, long now)
    {
        foreach (var sender in medium.Senders.Values)
        {
            (sender.Order, var ready, var lossy) = sender.Order.Look(until);
            Feed(medium, sender, ready, lossy, now);
        }
    }

    /// <summary>Asks a sender for a key frame.</summary>
    /// <param name="sender">The sender.</param>
    /// <param name="now">The time in nanoseconds.</param>
    public void Ask(HeardSender sender, long now)
    {
        sender.AskedAt = now;
        askForKeyFrame(sender.Ssrc);
    }

    /// <summary>No receiver is made before that time.</summary>
    /// <param name="at">The time in nanoseconds.</param>
    public void CreateFrom(long at) => _createsFrom = at;

    private void Feed(RtpMedium medium, HeardSender sender, ImmutableList<ReceivedPacket> ready, bool lossy, long now)
    {
        if (medium.Early is { } early && early.Report.Ssrc == sender.Ssrc)
        {
            sender.Said(early.Report, early.At);
            medium.Early = null;
        }

        if (ready.IsEmpty || (sender.Receiver is null && !Create(medium, sender, now)))
        {
            return;
        }

        foreach (var packet in ready)
        {
            if (packet == ReceivedPacket.LeftOut)
            {
                sender.LeftOut++;
                continue;
            }

            // What is left out is no loss to the depayloader.
            var sequence = packet.Content.AsSpan(RtpPacket.SequencePosition);
            BinaryPrimitives.WriteUInt16BigEndian(
                sequence,
                (ushort)(BinaryPrimitives.ReadUInt16BigEndian(sequence) - sender.LeftOut)
            );
            sender.Receiver!.Push(packet.Content, packet.MediaTime);
        }

        if (lossy && medium.IsPicture)
        {
            sender.WantsKeyFrame = true;
        }

        if (
            sender.WantsKeyFrame
            && medium.IsPicture
            && medium.Choice.Recorded == sender.Ssrc
            && now - sender.AskedAt >= BetweenRequests
            && (lossy || sender.AskedAt == 0)
        )
        {
            Ask(sender, now);
        }
    }

    private bool Create(RtpMedium medium, HeardSender sender, long now)
    {
        if (now < _createsFrom)
        {
            return false;
        }

        RtpReceiver? created = null;
        try
        {
            created = new RtpReceiver(
                medium.IsPicture ? codec : null,
                medium.Leg,
                (receiver, buffer, pad) => made(medium, sender, receiver, buffer, pad),
                (receiver, message) => failed(receiver, message)
            );
            created.Start();
        }
        catch (GStreamerException error)
        {
            // Until the worker has decided on the next try.
            _createsFrom = long.MaxValue;
            failed(null, new Message(MessageType.Error, medium.IsPicture ? "picture" : "sound", "", 0, error.Message));
            created?.Stop();
            created?.Dispose();
            return false;
        }

        (sender.Receiver, sender.Source, sender.WantsKeyFrame, sender.AskedAt) = (
            created,
            ++_source,
            medium.IsPicture,
            0
        );
        return true;
    }
}
