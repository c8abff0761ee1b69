using System.Net;

namespace Recorder.Worker.Rtp;

/// <summary>
/// The address that a sender's packets come from. Two senders may have the same SSRC by mistake, and their packets must
/// not be mixed. A sender may also move to another address, and then sends nothing more from the earlier address. A
/// pure function of the packets that came.
/// </summary>
/// <param name="Known">The address; null before the first packet.</param>
/// <param name="HeardAt">When the latest packet from the address came, in nanoseconds.</param>
/// <param name="Elsewhere">Number of packets from other addresses that were left out since.</param>
internal readonly record struct SenderAddress(IPEndPoint? Known, long HeardAt, int Elsewhere)
{
    private const long Patience = 200_000_000;
    private const int MostStray = 10;

    /// <summary>Whether another sender has the same SSRC.</summary>
    public bool IsShared { get; private init; }

    /// <summary>Takes note of a packet.</summary>
    /// <param name="from">The address that the packet came from.</param>
    /// <param name="at">When the packet came, in nanoseconds.</param>
    /// <returns>The next state, and whether the packet is of the sender.</returns>
    public (SenderAddress Next, bool IsOfSender) Came(IPEndPoint from, long at)
    {
        if (from.Equals(Known))
        {
            return (this with { HeardAt = at, IsShared = IsShared || Elsewhere >= MostStray }, true);
        }

        return Known is null || at - HeardAt >= Patience
            ? (new SenderAddress(from, at, 0) { IsShared = IsShared }, true)
            : (this with { Elsewhere = Elsewhere + 1 }, false);
    }
}
