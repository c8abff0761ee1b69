using System.Buffers.Binary;
using System.Collections.Immutable;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Rtp;

/// <summary>A frame has come out of a receiver. Called on any thread.</summary>
/// <param name="medium">The frame's medium.</param>
/// <param name="sender">The frame's sender.</param>
/// <param name="receiver">The receiver.</param>
/// <param name="buffer">The frame; the receiver still owns the buffer.</param>
/// <param name="pad">The pad at which the frame came out.</param>
internal delegate void FrameMade(RtpMedium medium, HeardSender sender, RtpReceiver receiver, Buffer buffer, Pad pad);

/// <summary>
/// Puts the packets of each sender in order, and hands them to the sender's receiver, which makes frames of them. Makes
/// the receiver when the sender is known. Asks for key frames where packets are lost. Guarded by the lock of
/// <see cref="RtpSenders"/>.
/// </summary>
/// <param name="codec">The picture's codec.</param>
/// <param name="made">Called for each frame.</param>
/// <param name="askForKeyFrame">Asks a sender of the picture for a key frame; must not call back.</param>
/// <param name="failed">Called for errors, on any thread, with the receiver, or with null when no receiver could be
/// made; must not call back.</param>
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

    /// <summary>Takes a packet of a sender.</summary>
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
    /// <param name="until">The same as for <see cref="PacketOrder{T}.Look"/>.</param>
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

    /// <summary>Sets the time before which no receiver is made.</summary>
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

            // Closes the gaps of left-out packets, so that the depayloader does not see them as losses.
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
            // No receiver is made until the worker has decided on the next try.
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
