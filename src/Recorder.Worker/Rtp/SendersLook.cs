using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>The result of a look at all senders.</summary>
/// <param name="Gone">Receivers of senders that are gone; to be stopped.</param>
/// <param name="Ignored">Senders to report as not recorded.</param>
internal sealed record SendersLook(ImmutableList<RtpReceiver> Gone, ImmutableList<IgnoredSender> Ignored);

/// <summary>A sender that is not recorded.</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="Recorded">The sender that is recorded instead. Equal to <paramref name="Ssrc"/>: another sender
/// with the same SSRC, at another address.</param>
/// <param name="IsPicture">Whether the sender sends the picture.</param>
/// <param name="LostAfter">The same as for <see cref="IgnoredChoice"/>.</param>
internal sealed record IgnoredSender(uint Ssrc, uint Recorded, bool IsPicture, long? LostAfter)
{
    /// <summary>The sentence that reports the sender.</summary>
    /// <param name="session">The session's id.</param>
    /// <param name="port">The UDP port of the media.</param>
    public string Describe(long session, int port)
    {
        var what = IsPicture ? "pictures" : "sound";
        return (Ssrc == Recorded, LostAfter) switch
        {
            (true, _) => FormattableString.Invariant(
                $"Session {session} receives {what} from two addresses with the same SSRC {Ssrc} on UDP port {port}. What comes from one of them is recorded as long as that sends, the other is not: stop one, or give it a session of its own."
            ),
            (_, { } silence) => FormattableString.Invariant(
                $"Session {session} receives {what} of two senders on UDP port {port}. The one with SSRC {Ssrc} had sent none for {silence / 1e9:0} s, so the one with SSRC {Recorded} is recorded in its place. The first one is there all the same, and is not recorded as long as the other sends: stop one, or give it a session of its own."
            ),
            _ => FormattableString.Invariant(
                $"Session {session} receives {what} of two senders on UDP port {port}. The one with SSRC {Recorded} is recorded, the one with SSRC {Ssrc} is not as long as the other sends: stop one, or give it a session of its own."
            ),
        };
    }
}
