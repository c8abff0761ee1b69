using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>A sender of one medium.</summary>
/// <param name="Since">Since when the sender is heard without having been away, in nanoseconds.</param>
/// <param name="LastAt">When the sender's latest packet of media came, in nanoseconds.</param>
/// <param name="IsKnown">Whether two of the sender's packets had consecutive numbers. Until then, the SSRC may be that
/// of a stray packet.</param>
/// <param name="Following">The sequence number that follows the sender's latest packet.</param>
internal sealed record KnownSender(long Since, long LastAt, bool IsKnown, ushort Following)
{
    /// <summary>Whether the sender has said good-bye (RTCP BYE), and has sent nothing since.</summary>
    public bool HasLeft { get; init; }

    /// <summary>Whether the sender has sent anything that can be recorded.</summary>
    public bool IsUsable { get; init; }

    /// <summary>Whether the node was told that this sender is not recorded.</summary>
    public bool IsTold { get; init; }

    /// <summary>When the latest packet came, of any kind that counts as a sign of the sender, in nanoseconds.</summary>
    public long HeardAt { get; init; } = LastAt;

    /// <summary>Whether the sender sends RTCP too.</summary>
    public bool IsReporting { get; init; }

    /// <summary>The longest pause without a sign after which the sender went on, in nanoseconds; 0: no pause was longer
    /// than <see cref="SenderChoice.AwayAfter"/>.</summary>
    public long LongestPause { get; init; }

    /// <summary>When the sender lost its place without a good-bye, and how long it had sent no media by then, in
    /// nanoseconds. Null: the sender has lost no place.</summary>
    public (long At, long Silence)? Lost { get; init; }
}

/// <summary>A sender that has to be reported as not recorded.</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="LostAfter">How long the sender had sent no media when it lost its place, in nanoseconds. Null: the
/// sender never had the place, or gave it up.</param>
internal readonly record struct IgnoredChoice(uint Ssrc, long? LostAfter);

/// <summary>The result of a look at the senders.</summary>
/// <param name="Next">The next choice.</param>
/// <param name="Gone">Senders to forget.</param>
/// <param name="Ignored">A sender to report as not recorded; null: none.</param>
internal sealed record SenderLook(SenderChoice Next, ImmutableList<uint> Gone, IgnoredChoice? Ignored);

/// <summary>
/// The choice of the recorded sender among the senders of one medium. The recorded sender keeps its place as long as it
/// sends. When the recorded sender has left or is away, a sender that sends takes the place, and may lose the place in
/// the same way. Other senders are reported to the node, and so is a sender that lost its place and is still there. A
/// pure function of the packets that came.
/// </summary>
/// <remarks>
/// A sender sends no packets for a picture that stands still. So a sender of pictures that has paused before may pause
/// again, for twice as long, and RTCP is a sign of the sender. The frames of the next sender are kept meanwhile, so
/// that patience costs no picture. Sound gets no patience, because only the latest second of sound is kept.
/// </remarks>
internal sealed record SenderChoice
{
    // More senders at a time than this are noise.
    private const int MostSenders = 8;
    private const int MostStrangers = 16;
    private const int MostTold = 5;
    private const long ForgottenAfter = 60_000_000_000;
    private const long StrangeFor = 5_000_000_000;
    private const long BarrenAfter = 3_000_000_000;
    private const long IgnoredAfter = 2_000_000_000;

    /// <summary>After this time without a sign, a sender may lose its place to another one, in nanoseconds.</summary>
    public const long AwayAfter = 1_000_000_000;

    /// <summary>After this time without a picture, a sender of pictures may lose its place to another one, whatever
    /// else the sender sends, in nanoseconds.</summary>
    public const long MostPatience = 10_000_000_000;

    /// <summary>The state before the first packet, when only packets of media are signs of a sender.</summary>
    public static SenderChoice Empty { get; } = new();

    /// <summary>The state before the first packet, when a sender may pause for long.</summary>
    public static SenderChoice Patient { get; } = new() { IsPatient = true };

    /// <summary>The recorded sender; null before the first.</summary>
    public uint? Recorded { get; private init; }

    /// <summary>All senders that are kept in mind.</summary>
    public ImmutableDictionary<uint, KnownSender> Senders { get; private init; } =
        ImmutableDictionary<uint, KnownSender>.Empty;

    private bool IsPatient { get; init; }

    private long RecordedSince { get; init; }

    private int Told { get; init; }

    /// <summary>Whether this is a known sender, whose packets are of use.</summary>
    public bool Knows(uint ssrc) => Senders.TryGetValue(ssrc, out var sender) && sender.IsKnown;

    /// <summary>Takes note of a packet.</summary>
    /// <param name="ssrc">The packet's sender.</param>
    /// <param name="sequence">The packet's sequence number.</param>
    /// <param name="at">When the packet came, in nanoseconds.</param>
    public SenderChoice Came(uint ssrc, ushort sequence, long at)
    {
        var following = (ushort)(sequence + 1);
        if (!Senders.TryGetValue(ssrc, out var sender))
        {
            var roomy = WithRoom();
            return roomy with { Senders = roomy.Senders.Add(ssrc, new KnownSender(at, at, IsKnown: false, following)) };
        }

        var known =
            sender.IsKnown
            || (sender.Following == sequence && Senders.Values.Count(other => other.IsKnown) < MostSenders);
        var heard = Heard(sender, at) with
        {
            Since = IsSilent(sender, at, AwayAfter) ? at : sender.Since,
            LastAt = at,
            IsKnown = known,
            Following = following,
            HasLeft = false,
        };
        var next = this with { Senders = Senders.SetItem(ssrc, heard) };
        return known && Recorded is null ? next with { Recorded = ssrc, RecordedSince = at } : next;
    }

    /// <summary>Takes note of a packet of another payload type. The packet uses a sequence number of its sender, and is
    /// no sign of anything that can be recorded.</summary>
    /// <param name="ssrc">The packet's sender.</param>
    /// <param name="sequence">The packet's sequence number.</param>
    public SenderChoice Passed(uint ssrc, ushort sequence) =>
        Senders.TryGetValue(ssrc, out var sender) && sender.Following == sequence
            ? this with
            {
                Senders = Senders.SetItem(ssrc, sender with { Following = (ushort)(sequence + 1) }),
            }
            : this;

    /// <summary>Takes note of something that can be recorded: a piece of sound, or a picture from a key frame
    /// on.</summary>
    public SenderChoice Gave(uint ssrc) =>
        Senders.TryGetValue(ssrc, out var sender) && !sender.IsUsable
            ? this with
            {
                Senders = Senders.SetItem(ssrc, sender with { IsUsable = true }),
            }
            : this;

    /// <summary>Takes note of RTCP of a sender.</summary>
    /// <param name="ssrc">The sender.</param>
    /// <param name="at">When the RTCP came, in nanoseconds.</param>
    public SenderChoice Said(uint ssrc, long at) =>
        IsPatient && Senders.TryGetValue(ssrc, out var sender)
            ? this with
            {
                Senders = Senders.SetItem(ssrc, Heard(sender, at) with { IsReporting = true }),
            }
            : this;

    /// <summary>Takes note of a good-bye, which a later packet revokes.</summary>
    public SenderChoice Left(uint ssrc) =>
        Senders.TryGetValue(ssrc, out var sender)
            ? this with
            {
                Senders = Senders.SetItem(ssrc, sender with { HasLeft = true }),
            }
            : this;

    /// <summary>Checks which senders are there, and which of them is recorded next.</summary>
    /// <param name="at">The time, in nanoseconds.</param>
    /// <param name="away">After this time without a packet, a sender that has not paused before is away, in
    /// nanoseconds.</param>
    public SenderLook Look(long at, long away = AwayAfter)
    {
        ImmutableList<uint> gone =
        [
            .. Senders
                .Where(each =>
                    each.Key != Recorded && at - each.Value.LastAt > (each.Value.IsKnown ? ForgottenAfter : StrangeFor)
                )
                .Select(each => each.Key),
        ];
        gone = gone.AddRange(MakingRoom(gone, at));
        var next = this with { Senders = Senders.RemoveRange(gone) };
        if (Recorded is not { } recorded)
        {
            return new SenderLook(next, gone, null);
        }

        var present = Senders[recorded];
        ImmutableList<KeyValuePair<uint, KnownSender>> others =
        [
            .. next
                .Senders.Where(each =>
                    each.Key != recorded
                    && each.Value is { IsKnown: true, HasLeft: false }
                    && at - each.Value.LastAt < away
                )
                .OrderBy(each => each.Value.Since),
        ];
        var isAway = present.HasLeft || IsSilent(present, at, away);
        var isBarren = !present.IsUsable && at - RecordedSince >= BarrenAfter;
        var heirs =
            isAway ? others
            : isBarren ? others.RemoveAll(each => !each.Value.IsUsable)
            : [];
        if (heirs.Count > 0)
        {
            var heir = (heirs.Find(each => each.Value.IsUsable) is { Value: not null } usable ? usable : heirs[0]).Key;
            return next.Replaced(recorded, heir, at, away, gone);
        }

        var ignored = others.Find(each => !each.Value.IsTold && at - each.Value.Since >= IgnoredAfter);
        ignored = ignored.Value is null
            ? next.Senders.FirstOrDefault(each => each.Key != recorded && IsBackBeside(each.Value, present))
            : ignored;
        return ignored.Value is null || isAway
            ? new SenderLook(next, gone, null)
            : next.Telling(ignored.Key, ignored.Value.Lost?.Silence, gone);
    }

    // A sender that is back must have been back for a while, because the sender in its place may be about to end.
    private static bool IsBackBeside(KnownSender lost, KnownSender present) =>
        lost is { Lost: { } loss, IsTold: false, HasLeft: false }
        && lost.LastAt > loss.At
        && present.LastAt - lost.Since >= AwayAfter;

    private static KnownSender Heard(KnownSender sender, long at)
    {
        var pause = at - sender.HeardAt;
        return sender with
        {
            HeardAt = at,
            LongestPause = pause is >= AwayAfter and <= MostPatience
                ? Math.Max(sender.LongestPause, pause)
                : sender.LongestPause,
        };
    }

    private bool IsSilent(KnownSender sender, long at, long away) =>
        at - sender.HeardAt >= Patience(sender, away) || at - sender.LastAt >= (IsPatient ? MostPatience : away);

    private long Patience(KnownSender sender, long away) =>
        sender switch
        {
            _ when !IsPatient => away,
            { LongestPause: > 0 } => Math.Clamp(
                (long)(2d * sender.LongestPause / AwayAfter * away),
                away,
                MostPatience
            ),

            // Reports of a browser are about a second apart.
            { IsReporting: true } => 2 * away,
            _ => away,
        };

    private SenderLook Replaced(uint recorded, uint heir, long at, long away, ImmutableList<uint> gone)
    {
        var before = Senders[recorded];
        var silence = at - before.LastAt;
        var isLost = !before.HasLeft && IsSilent(before, at, away);
        var next = this with
        {
            Recorded = heir,
            RecordedSince = at,
            Senders = Senders
                .SetItem(recorded, before with { Lost = isLost ? (at, silence) : null })
                .SetItem(heir, Senders[heir] with { Lost = null }),
        };

        // The sender is still there, as its RTCP shows.
        return isLost && !before.IsTold && at - before.HeardAt < Patience(before, away)
            ? next.Telling(recorded, silence, gone)
            : new SenderLook(next, gone, null);
    }

    private SenderLook Telling(uint ssrc, long? lostAfter, ImmutableList<uint> gone) =>
        Told >= MostTold
            ? new SenderLook(this, gone, null)
            : new SenderLook(
                this with
                {
                    Told = Told + 1,
                    Senders = Senders.SetItem(ssrc, Senders[ssrc] with { IsTold = true }),
                },
                gone,
                new IgnoredChoice(ssrc, lostAfter)
            );

    // Earlier senders must not keep a new sender from being heard: a place is free as long as any of the earlier
    // senders is away.
    private IEnumerable<uint> MakingRoom(ImmutableList<uint> gone, long at)
    {
        List<KeyValuePair<uint, KnownSender>> known =
        [
            .. Senders.Where(each => each.Value.IsKnown && !gone.Contains(each.Key)),
        ];
        return known
            .Where(each => each.Key != Recorded && at - each.Value.LastAt >= AwayAfter)
            .OrderBy(each => each.Value.LastAt)
            .Take(Math.Max(0, known.Count - MostSenders + 1))
            .Select(each => each.Key);
    }

    // Noise must not keep a sender from being heard.
    private SenderChoice WithRoom()
    {
        ImmutableList<KeyValuePair<uint, KnownSender>> strangers =
        [
            .. Senders.Where(each => !each.Value.IsKnown).OrderBy(each => each.Value.LastAt),
        ];
        return strangers.Count < MostStrangers ? this : this with { Senders = Senders.Remove(strangers[0].Key) };
    }
}
