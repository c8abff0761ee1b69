using System.Net;

namespace Recorder.Worker.Rtp;

/// <summary>
/// Where a sender's packets come from: a function of what came. Two senders may have the same SSRC by mistake, and what
/// they send must not be mixed. A sender may also move to another address, and then sends from the earlier one no more.
/// </summary>
/// <param name="Known">The address; null before the first packet.</param>
/// <param name="HeardAt">When its latest packet came, in nanoseconds.</param>
/// <param name="Elsewhere">Packets from other addresses that were left out since.</param>
internal readonly record struct SenderAddress(IPEndPoint? Known, long HeardAt, int Elsewhere)
{
    private const long Patience = 200_000_000;
    private const int MostStray = 10;

    /// <summary>Whether another sender has the same SSRC.</summary>
    public bool IsShared { get; private init; }

    /// <summary>After a packet.</summary>
    /// <param name="from">Where it came from.</param>
    /// <param name="at">When, in nanoseconds.</param>
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
