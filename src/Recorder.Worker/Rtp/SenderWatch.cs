using System.Globalization;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>The signs that a sender is there.</summary>
/// <param name="Reception">The reception of the picture's port.</param>
/// <param name="PictureHeardAt">When RTP or RTCP of the picture's sender came last.</param>
/// <param name="SoundHeardAt">When RTP or RTCP of the sound's sender came last.</param>
/// <param name="KeyFrameAwaitedSince">Since when the recorded sender of the picture has sent no usable picture. Null: a
/// usable picture has come, or nothing has come.</param>
/// <param name="KeyFrameRequests">How often a key frame was asked for.</param>
internal readonly record struct SenderSigns(
    RtpReception Reception,
    DateTimeOffset? PictureHeardAt,
    DateTimeOffset? SoundHeardAt,
    DateTimeOffset? KeyFrameAwaitedSince,
    int KeyFrameRequests
);

/// <summary>
/// Whether the sender of the picture is heard. A sender sends no packets for a picture that stands still. So once
/// pictures have come, any packet is a sign, including RTCP and sound. A sender that was reported silent and then sends
/// again gets twice the time, until it has sent without pauses for a while. So a false report is made a few times at
/// most. A pure function of the reception.
/// </summary>
/// <param name="Since">When the sender's last sign came; before the first sign, since when the sender is
/// awaited.</param>
internal sealed record SenderWatch(DateTimeOffset Since)
{
    private static readonly TimeSpan LongestLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WithoutPause = TimeSpan.FromMinutes(10);

    /// <summary>Somewhat less than the 5 s within which silence has to be reported, because the watch looks at
    /// intervals.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(4.5);

    /// <summary>How long sound alone may come before the picture counts as missing.</summary>
    public static TimeSpan SoundAloneLimit { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether the sender was reported silent.</summary>
    public bool Silent { get; private init; }

    private RtpReception Seen { get; init; } = new();

    private TimeSpan Patience { get; init; } = Limit;

    private DateTimeOffset? SteadySince { get; init; }

    private bool HadPicture { get; init; }

    /// <summary>Looks at the signs of the sender.</summary>
    /// <param name="signs">The signs that the sender is there.</param>
    /// <param name="leg">The form of the expected packets, with the bound ports.</param>
    /// <param name="address">The address that the packets are expected on.</param>
    /// <param name="session">The session's id.</param>
    /// <param name="now">The time.</param>
    /// <returns>The next watch, and the event to tell, if any.</returns>
    public (SenderWatch Next, WorkerEvent? Told) Look(
        SenderSigns signs,
        RtpLegSettings leg,
        string address,
        long session,
        DateTimeOffset now
    )
    {
        var picture = Later(
            signs.Reception.LastPacketAt,
            signs.Reception.LastPacketAt is null ? null : signs.PictureHeardAt
        );
        var since = Later(Since, Later(picture, SoundAsSign(picture, signs.SoundHeardAt)))!.Value;
        var unusable = signs.KeyFrameAwaitedSince is { } awaited && now - awaited >= Limit && now - since < Patience;
        var silent = unusable || now - since >= Patience;
        DateTimeOffset? steady = now - since > Pause ? null : SteadySince ?? now;
        var next = this with
        {
            Since = since,
            Silent = silent,
            Seen = silent && Silent ? Seen : signs.Reception,
            SteadySince = steady,
            Patience =
                now - steady >= WithoutPause ? Limit
                : Silent && !silent && HadPicture ? Shorter(Patience * 2, LongestLimit)
                : Patience,
            HadPicture = silent && Silent ? HadPicture : picture is not null,
        };
        return (silent, Silent) switch
        {
            (true, false) when unusable => (
                next,
                new WorkerEvent.RtpSenderSilent(
                    signs.KeyFrameAwaitedSince!.Value,
                    DescribeUnusable(signs, leg, session, now)
                )
            ),
            (true, false) => (
                next,
                new WorkerEvent.RtpSenderSilent(since, Describe(signs.Reception, leg, address, session, now - since))
            ),
            (false, true) => (next, new WorkerEvent.RtpSenderHeard(since)),
            _ => (next, null),
        };
    }

    // Sound alone is a sign only for a limited time. After that, a picture that never comes again counts as missing.
    private static DateTimeOffset? SoundAsSign(DateTimeOffset? picture, DateTimeOffset? sound) =>
        picture is { } last && sound is { } heard && heard > last
            ? (heard - last < SoundAloneLimit ? heard : last + SoundAloneLimit)
            : null;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other > one ? other : one;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string DescribeUnusable(SenderSigns signs, RtpLegSettings leg, long session, DateTimeOffset now) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Session {session} has received packets on UDP port {leg.RtpPort} for {(now - signs.KeyFrameAwaitedSince!.Value).TotalSeconds:0} s, and no picture that can be recorded. A record goes on with a key frame, for which the sender was asked {signs.KeyFrameRequests} times: see that RTCP reaches the sender, and that data.codec is what it sends."
        );

    private string Describe(RtpReception reception, RtpLegSettings leg, string address, long session, TimeSpan silence)
    {
        var awaited = string.Create(
            CultureInfo.InvariantCulture,
            $"Session {session} has received no picture for {silence.TotalSeconds:0} s: it awaits RTP of payload type {leg.PayloadType} on UDP port {leg.RtpPort} of {address}."
        );
        var wrong = reception.WrongPayloadTypes - Seen.WrongPayloadTypes;
        var noRtp = reception.NotRtp - Seen.NotRtp;
        return (wrong, noRtp) switch
        {
            ( > 0, _) => string.Create(
                CultureInfo.InvariantCulture,
                $"{awaited} {wrong} packets of payload type {reception.WrongPayloadType} came instead: give data.payload_type what the sender uses."
            ),
            (_, > 0) => string.Create(
                CultureInfo.InvariantCulture,
                $"{awaited} {noRtp} packets came that are no RTP: look what else sends to this port."
            ),
            _ => $"{awaited} Nothing came at all: see that the sender runs, and that no firewall is between.",
        };
    }
}
