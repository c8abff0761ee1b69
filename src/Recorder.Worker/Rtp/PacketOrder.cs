using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>
/// One sender's packets in the order of their sequence numbers. A missing packet is awaited for a while, and then given
/// up. A pure function of the packets that came.
/// </summary>
/// <typeparam name="T">The packets that are put in order.</typeparam>
internal sealed record PacketOrder<T>
{
    // RFC 3550, A.1: a sequence number beyond these limits is neither loss nor delay. Two such packets in a row begin a
    // new count.
    private const int LargestGap = 3000;
    private const int LargestDelay = 100;

    /// <summary>How long a missing packet is awaited, in nanoseconds.</summary>
    public const long Patience = 200_000_000;

    /// <summary>The state before the first packet.</summary>
    public static PacketOrder<T> Empty { get; } = new();

    private long? Expected { get; init; }

    private ImmutableSortedDictionary<long, (T Packet, long At)> Waiting { get; init; } =
        ImmutableSortedDictionary<long, (T Packet, long At)>.Empty;

    private (ushort Following, T Packet)? Elsewhere { get; init; }

    /// <summary>Puts a sender's first packets in order. None of them was released before, because even the very first
    /// packets may be out of order.</summary>
    /// <param name="early">The sequence numbers, the packets, and their times of arrival in nanoseconds, in order of
    /// arrival. The last packet tells where the count is.</param>
    /// <returns>The same as <see cref="Came"/>.</returns>
    public static (PacketOrder<T> Next, ImmutableList<T> Ready, bool IsLossy) Begin(
        ImmutableList<(ushort Sequence, T Packet, long At)> early
    )
    {
        (var next, ImmutableList<T> ready, var isLossy) = (Empty, [], false);
        var last = early[^1].Sequence;
        foreach (
            (var sequence, var packet, var at) in early
                .Where(each => Math.Abs((short)(each.Sequence - last)) <= LargestDelay)
                .OrderBy(each => (short)(each.Sequence - last))
        )
        {
            (next, var more, var lossy) = next.Came(sequence, packet, at);
            (ready, isLossy) = (ready.AddRange(more), isLossy || lossy);
        }

        return (next, ready, isLossy);
    }

    /// <summary>Takes one more packet.</summary>
    /// <param name="sequence">The packet's sequence number.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="at">When the packet came, in nanoseconds.</param>
    /// <returns>The next state, the packets that are now in order, and whether earlier packets were given up.</returns>
    public (PacketOrder<T> Next, ImmutableList<T> Ready, bool IsLossy) Came(ushort sequence, T packet, long at)
    {
        if (Expected is not { } expected)
        {
            return (this with { Expected = sequence + 1L }, [packet], false);
        }

        int ahead = (short)(sequence - (ushort)expected);
        if (ahead is > LargestGap or < -LargestDelay)
        {
            return Elsewhere is { } other && other.Following == sequence
                ? (
                    new PacketOrder<T> { Expected = sequence + 1L },
                    [.. Waiting.Values.Select(waiting => waiting.Packet), other.Packet, packet],
                    true
                )
                : (this with { Elsewhere = ((ushort)(sequence + 1), packet) }, [], false);
        }

        if (ahead < 0)
        {
            // The packet is too late, or a repetition.
            return (this, [], false);
        }

        var next = this with { Waiting = Waiting.SetItem(expected + ahead, (packet, at)), Elsewhere = null };
        return ahead == 0 ? next.Release() : next.Look(at);
    }

    /// <summary>Gives up the packets that were awaited for too long.</summary>
    /// <param name="at">The time, in nanoseconds; <see cref="long.MaxValue"/>: gives up all awaited packets.</param>
    /// <returns>The same as <see cref="Came"/>.</returns>
    public (PacketOrder<T> Next, ImmutableList<T> Ready, bool IsLossy) Look(long at)
    {
        var next = this;
        ImmutableList<T> ready = [];
        while (next.Waiting.Count > 0 && at - next.Waiting.First().Value.At >= Patience)
        {
            (next, var more, _) = (next with { Expected = next.Waiting.First().Key }).Release();
            ready = ready.AddRange(more);
        }

        return (next, ready, ready.Count > 0);
    }

    private (PacketOrder<T> Next, ImmutableList<T> Ready, bool IsLossy) Release()
    {
        var expected = Expected!.Value;
        var waiting = Waiting;
        var ready = ImmutableList.CreateBuilder<T>();
        while (waiting.TryGetValue(expected, out var first))
        {
            ready.Add(first.Packet);
            waiting = waiting.Remove(expected);
            expected++;
        }

        return (this with { Expected = expected, Waiting = waiting }, ready.ToImmutable(), false);
    }
}
