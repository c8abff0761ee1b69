using System.Globalization;

namespace Recorder.Node.Pipelines.Rtp;

/// <summary>Whether the sender of the picture is heard: a function of what was received.</summary>
/// <param name="Since">When its last usable packet came, or else since when it is awaited.</param>
/// <param name="Silent">Whether it was called silent.</param>
/// <param name="Seen">What had been received then.</param>
internal sealed record SenderWatch(DateTimeOffset Since, bool Silent, RtpReception Seen)
{
    /// <summary>Somewhat less than the 5 s within which it is to be told, since it is looked after in turns.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(4.5);

    /// <summary>Looks at what has been received.</summary>
    /// <param name="reception">What the picture's port has received.</param>
    /// <param name="leg">What is awaited there, with the bound ports.</param>
    /// <param name="address">The address it is awaited on.</param>
    /// <param name="session">The session's id.</param>
    /// <param name="now">The time.</param>
    /// <returns>The next watch, and what is to be told, if anything.</returns>
    public (SenderWatch Next, WorkerEvent? Told) Look(RtpReception reception, RtpLegSettings leg, string address, long session, DateTimeOffset now)
    {
        DateTimeOffset since = reception.LastPacketAt is { } last && last > Since ? last : Since;
        bool silent = now - since >= Limit;
        SenderWatch next = new(since, silent, silent && Silent ? Seen : reception);
        return (silent, Silent) switch
        {
            (true, false) => (next, new WorkerEvent.RtpSenderSilent(since, Describe(reception, leg, address, session, now - since))),
            (false, true) => (next, new WorkerEvent.RtpSenderHeard(since)),
            _ => (next, null),
        };
    }

    private string Describe(RtpReception reception, RtpLegSettings leg, string address, long session, TimeSpan silence)
    {
        string awaited = string.Create(
            CultureInfo.InvariantCulture,
            $"Session {session} has received no picture for {silence.TotalSeconds:0} s: it awaits RTP of payload type {leg.PayloadType} on UDP port {leg.RtpPort} of {address}.");
        long wrong = reception.WrongPayloadTypes - Seen.WrongPayloadTypes;
        long noRtp = reception.NotRtp - Seen.NotRtp;
        return (wrong, noRtp) switch
        {
            (> 0, _) => string.Create(
                CultureInfo.InvariantCulture,
                $"{awaited} {wrong} packets of payload type {reception.WrongPayloadType} came instead: give data.payload_type what the sender uses."),
            (_, > 0) => string.Create(CultureInfo.InvariantCulture, $"{awaited} {noRtp} packets came that are no RTP: look what else sends to this port."),
            _ => $"{awaited} Nothing came at all: see that the sender runs, and that no firewall is between.",
        };
    }
}
