using System.Net;

namespace Recorder.Node.Media.Rtp;

/// <summary>Where a node receives RTP.</summary>
/// <param name="Address">The address, or the name of one, that ports are bound on.</param>
/// <param name="Host">What a sender is told.</param>
internal sealed record RtpReach(string Address, string Host)
{
    /// <summary>The reach by the options.</summary>
    /// <param name="rtpAddress"><see cref="MediaOptions.RtpAddress"/>.</param>
    /// <param name="hostname">The name or address by which the other nodes reach this one.</param>
    public static RtpReach Of(string rtpAddress, string hostname)
    {
        var everywhere = IPAddress.TryParse(rtpAddress, out var parsed) && (parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any));
        return new RtpReach(rtpAddress.Length == 0 ? hostname : rtpAddress, rtpAddress.Length == 0 || everywhere ? hostname : rtpAddress);
    }
}
