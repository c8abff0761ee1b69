using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>A sender of one medium.</summary>
/// <param name="Since">Since when it is heard without having been away, in nanoseconds.</param>
/// <param name="LastAt">When its latest packet of media came, likewise.</param>
/// <param name="IsKnown">Whether two of its packets followed each other; before, it may be a stray packet.</param>
/// <param name="Following">The sequence number that follows its latest packet.</param>
internal sealed record KnownSender(long Since, long LastAt, bool IsKnown, ushort Following)
{
    /// <summary>Whether it has said good-bye (RTCP BYE), and nothing since.</summary>
    public bool HasLeft { get; init; }

    /// <summary>Whether something that can be recorded came of it.</summary>
    public bool IsUsable { get; init; }

    /// <summary>Whether it was told that it is not recorded.</summary>
    public bool IsTold { get; init; }

    /// <summary>When its latest packet of any kind came that counts as a sign of it, in nanoseconds.</summary>
    public long HeardAt { get; init; } = LastAt;

    /// <summary>Whether it sends RTCP too.</summary>
    public bool IsReporting { get; init; }

    /// <summary>The longest time without a sign after which it went on, in nanoseconds; 0: none was longer than
    /// <see cref="SenderChoice.AwayAfter"/>.</summary>
    public long LongestPause { get; init; }

    /// <summary>When it lost its place without a good-bye, and how long it had sent no media by then, in nanoseconds;
    /// null: it has not.</summary>
    public (long At, long Silence)? Lost { get; init; }
}

/// <summary>A sender of which is to be told that it is not recorded.</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="LostAfter">After how long without media it lost its place, in nanoseconds; null: it never had it, or
/// has given it up.</param>
internal readonly record struct IgnoredChoice(uint Ssrc, long? LostAfter);

/// <summary>What a look at the senders has brought.</summary>
/// <param name="Next">The next choice.</param>
/// <param name="Gone">Senders that are to be forgotten.</param>
/// <param name="Ignored">A sender of which is to be told; null: none.</param>
internal sealed record SenderLook(SenderChoice Next, ImmutableList<uint> Gone, IgnoredChoice? Ignored);

/// <summary>
/// Which of the senders of one medium is recorded: a function of what came. The one that is recorded stays so as long
/// as it sends; when it has left or is away, the one that sends takes its place, and may lose it in the same way.
/// Senders beside it are told, and so is one that lost its place and is still there.
/// </summary>
/// <remarks>
/// A picture that stands still is not sent. So a sender of pictures that has paused before may pause again, for twice
/// as long, and its RTCP is a sign of it. What the next one sends meanwhile is kept, so that patience costs no picture.
/// Sound has no patience: only its latest second is kept.
/// </remarks>
internal sealed record SenderChoice
{
    // More than so many at a time are noise.
    private const int MostSenders = 8;
    private const int MostStrangers = 16;
    private const int MostTold = 5;
    private const long ForgottenAfter = 60_000_000_000;
    private const long StrangeFor = 5_000_000_000;
    private const long BarrenAfter = 3_000_000_000;
    private const long IgnoredAfter = 2_000_000_000;

    /// <summary>A sender that is not heard for so long has room for another one, in nanoseconds.</summary>
    public const long AwayAfter = 1_000_000_000;

    /// <summary>A sender of pictures that sends none for so long has room for another one, whatever else it sends, in
    /// nanoseconds.</summary>
    public const long MostPatience = 10_000_000_000;

    /// <summary>Nobody heard, and only packets of media are signs.</summary>
    public static SenderChoice Empty { get; } = new();

    /// <summary>Nobody heard, and a sender may seldom send.</summary>
    public static SenderChoice Patient { get; } = new() { IsPatient = true };

    /// <summary>The sender that is recorded; null before the first.</summary>
    public uint? Recorded { get; private init; }

    /// <summary>All senders that are kept in mind.</summary>
    public ImmutableDictionary<uint, KnownSender> Senders { get; private init; } =
        ImmutableDictionary<uint, KnownSender>.Empty;

    private bool IsPatient { get; init; }

    private long RecordedSince { get; init; }

    private int Told { get; init; }

    /// <summary>Whether packets of this sender are of use.</summary>
    public bool Knows(uint ssrc) => Senders.TryGetValue(ssrc, out var sender) && sender.IsKnown;

    /// <summary>After a packet.</summary>
    /// <param name="ssrc">Its sender.</param>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="at">When it came, in nanoseconds.</param>
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

    /// <summary>After a packet of another payload type, which has a place in its sender's count and is no sign of what
    /// can be recorded.</summary>
    /// <param name="ssrc">Its sender.</param>
    /// <param name="sequence">Its sequence number.</param>
    public SenderChoice Passed(uint ssrc, ushort sequence) =>
        Senders.TryGetValue(ssrc, out var sender) && sender.Following == sequence
            ? this with
            {
                Senders = Senders.SetItem(ssrc, sender with { Following = (ushort)(sequence + 1) }),
            }
            : this;

    /// <summary>After something that can be recorded: a piece of sound, or a picture from a key frame on.</summary>
    public SenderChoice Gave(uint ssrc) =>
        Senders.TryGetValue(ssrc, out var sender) && !sender.IsUsable
            ? this with
            {
                Senders = Senders.SetItem(ssrc, sender with { IsUsable = true }),
            }
            : this;

    /// <summary>After RTCP of a sender.</summary>
    /// <param name="ssrc">The sender.</param>
    /// <param name="at">When it came, in nanoseconds.</param>
    public SenderChoice Said(uint ssrc, long at) =>
        IsPatient && Senders.TryGetValue(ssrc, out var sender)
            ? this with
            {
                Senders = Senders.SetItem(ssrc, Heard(sender, at) with { IsReporting = true }),
            }
            : this;

    /// <summary>After a good-bye, which a later packet takes back.</summary>
    public SenderChoice Left(uint ssrc) =>
        Senders.TryGetValue(ssrc, out var sender)
            ? this with
            {
                Senders = Senders.SetItem(ssrc, sender with { HasLeft = true }),
            }
            : this;

    /// <summary>Looks who is there.</summary>
    /// <param name="at">The time, in nanoseconds.</param>
    /// <param name="away">After how long without a packet a sender is away that has not paused before, in
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

    // One that is back must have been so for a while: the one in its place may be about to end.
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

            // Reports are about a second apart where a browser sends.
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

        // Still there, by its RTCP.
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

    // Senders that followed each other must not keep the next one from being heard: a place is free as long as any of
    // them is away.
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
