using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>One medium of a session, and all its senders. Guarded by the lock of <see cref="RtpSenders"/>.</summary>
/// <param name="IsPicture">Whether the medium is the picture.</param>
/// <param name="Leg">The form of the medium's packets.</param>
internal sealed record RtpMedium(bool IsPicture, RtpLegSettings Leg)
{
    /// <summary>The choice of the recorded sender.</summary>
    public SenderChoice Choice { get; set; } = IsPicture ? SenderChoice.Patient : SenderChoice.Empty;

    /// <summary>The senders by their SSRC.</summary>
    public Dictionary<uint, HeardSender> Senders { get; } = [];

    /// <summary>A report that came before the first packet of its sender, and when the report came, in
    /// nanoseconds.</summary>
    public (RtcpSenderReport Report, long At)? Early { get; set; }

    /// <summary>The recorded sender; null before the first.</summary>
    public HeardSender? Recorded => Choice.Recorded is { } ssrc ? Senders.GetValueOrDefault(ssrc) : null;

    /// <summary>Adds a sender that is heard for the first time, and forgets the senders that the choice no longer keeps
    /// in mind.</summary>
    /// <param name="ssrc">The sender's SSRC.</param>
    public HeardSender Add(uint ssrc)
    {
        foreach (var stranger in Senders.Keys.Where(each => !Choice.Senders.ContainsKey(each)).ToList())
        {
            Senders.Remove(stranger);
        }

        HeardSender added = new(ssrc, new SenderClock(Leg.ClockRate));
        Senders.Add(ssrc, added);
        return added;
    }

    /// <summary>Takes note of RTCP.</summary>
    /// <param name="content">The content of the RTCP.</param>
    /// <param name="at">When the RTCP came, in nanoseconds.</param>
    public void Said(RtcpContent content, long at)
    {
        Choice = content.Author is { } author ? Choice.Said(author, at) : Choice;
        foreach (var report in content.Reports)
        {
            // The first report often comes before the first packet.
            if (Senders.TryGetValue(report.Ssrc, out var sender))
            {
                sender.Said(report, at);
            }
            else
            {
                Early = (report, at);
            }
        }

        foreach ((var ssrc, var name) in content.Names)
        {
            if (Senders.TryGetValue(ssrc, out var sender))
            {
                sender.Name = name;
            }
        }

        foreach (var ssrc in content.Left)
        {
            Choice = Choice.Left(ssrc);
        }
    }
}
