using System.Net;

namespace Recorder.Node.Media.Rtp;

/// <summary>Where a node receives RTP.</summary>
/// <param name="Address">The address, or the name of an address, on which ports are bound.</param>
/// <param name="Host">The host that senders are told.</param>
internal sealed record RtpReach(string Address, string Host)
{
    /// <summary>Derives the reach from the options.</summary>
    /// <param name="rtpAddress"><see cref="Parts.MediaOptions.RtpAddress"/>.</param>
    /// <param name="hostname">The name or address that the node binds for the other nodes.</param>
    /// <param name="publicHostname">The name or address by which other nodes reach this node; empty:
    /// <paramref name="hostname"/>.</param>
    public static RtpReach Of(string rtpAddress, string hostname, string publicHostname)
    {
        var everywhere =
            IPAddress.TryParse(rtpAddress, out var parsed)
            && (parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any));
        var known = publicHostname.Length == 0 ? hostname : publicHostname;
        return new RtpReach(
            rtpAddress.Length == 0 ? hostname : rtpAddress,
            rtpAddress.Length == 0 || everywhere ? known : rtpAddress
        );
    }
}
