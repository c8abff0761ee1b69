using System.Collections.Immutable;

namespace Recorder.Worker.Rtp;

/// <summary>A sender of one medium.</summary>
/// <param name="Since">Since when it is heard without having been away, in nanoseconds.</param>
/// <param name="LastAt">When its latest packet came, likewise.</param>
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
}

/// <summary>What a look at the senders has brought.</summary>
/// <param name="Next">The next choice.</param>
/// <param name="Gone">Senders that are to be forgotten.</param>
/// <param name="Ignored">A sender of which is to be told that it is not recorded; null: none.</param>
internal sealed record SenderLook(SenderChoice Next, ImmutableList<uint> Gone, uint? Ignored);

/// <summary>
/// Which of the senders of one medium is recorded: a function of what came. The one that is recorded stays so as long as it sends; when it
/// has left or is away, the one that sends takes its place, and may lose it in the same way. Senders beside it are told.
/// </summary>
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

    /// <summary>Nobody heard.</summary>
    public static SenderChoice Empty { get; } = new();

    /// <summary>The sender that is recorded; null before the first.</summary>
    public uint? Recorded { get; private init; }

    /// <summary>All senders that are kept in mind.</summary>
    public ImmutableDictionary<uint, KnownSender> Senders { get; private init; } = ImmutableDictionary<uint, KnownSender>.Empty;

    private long RecordedSince { get; init; }

    private int Told { get; init; }

    /// <summary>Whether packets of this sender are of use.</summary>
    public bool Knows(uint ssrc) => Senders.TryGetValue(ssrc, out KnownSender? sender) && sender.IsKnown;

    /// <summary>After a packet.</summary>
    /// <param name="ssrc">Its sender.</param>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="at">When it came, in nanoseconds.</param>
    public SenderChoice Came(uint ssrc, ushort sequence, long at)
    {
        ushort following = (ushort)(sequence + 1);
        if (!Senders.TryGetValue(ssrc, out KnownSender? sender))
        {
            SenderChoice roomy = WithRoom();
            return roomy with { Senders = roomy.Senders.Add(ssrc, new KnownSender(at, at, IsKnown: false, following)) };
        }

        bool known = sender.IsKnown || (sender.Following == sequence && Senders.Values.Count(other => other.IsKnown) < MostSenders);
        SenderChoice next = this with { Senders = Senders.SetItem(ssrc, sender with { Since = at - sender.LastAt >= AwayAfter ? at : sender.Since, LastAt = at, IsKnown = known, Following = following, HasLeft = false }) };
        return known && Recorded is null ? next with { Recorded = ssrc, RecordedSince = at } : next;
    }

    /// <summary>After a packet of another payload type, which has a place in its sender's count and is no sign of what can be recorded.</summary>
    /// <param name="ssrc">Its sender.</param>
    /// <param name="sequence">Its sequence number.</param>
    public SenderChoice Passed(uint ssrc, ushort sequence) => Senders.TryGetValue(ssrc, out KnownSender? sender) && sender.Following == sequence
        ? this with { Senders = Senders.SetItem(ssrc, sender with { Following = (ushort)(sequence + 1) }) }
        : this;

    /// <summary>After something that can be recorded: a piece of sound, or a picture from a key frame on.</summary>
    public SenderChoice Gave(uint ssrc) => Senders.TryGetValue(ssrc, out KnownSender? sender) && !sender.IsUsable
        ? this with { Senders = Senders.SetItem(ssrc, sender with { IsUsable = true }) }
        : this;

    /// <summary>After a good-bye, which a later packet takes back.</summary>
    public SenderChoice Left(uint ssrc) => Senders.TryGetValue(ssrc, out KnownSender? sender)
        ? this with { Senders = Senders.SetItem(ssrc, sender with { HasLeft = true }) }
        : this;

    /// <summary>Looks who is there.</summary>
    /// <param name="at">The time, in nanoseconds.</param>
    /// <param name="away">After how long without a packet a sender is away, in nanoseconds.</param>
    public SenderLook Look(long at, long away = AwayAfter)
    {
        ImmutableList<uint> gone =
        [
            .. Senders.Where(each => each.Key != Recorded && at - each.Value.LastAt > (each.Value.IsKnown ? ForgottenAfter : StrangeFor)).Select(each => each.Key),
        ];
        gone = gone.AddRange(MakingRoom(gone, at));
        SenderChoice next = this with { Senders = Senders.RemoveRange(gone) };
        if (Recorded is not { } recorded)
        {
            return new SenderLook(next, gone, null);
        }

        KnownSender present = Senders[recorded];
        ImmutableList<KeyValuePair<uint, KnownSender>> others =
        [
            .. next.Senders.Where(each => each.Key != recorded && each.Value is { IsKnown: true, HasLeft: false } && at - each.Value.LastAt < away).OrderBy(each => each.Value.Since),
        ];
        bool isAway = present.HasLeft || at - present.LastAt >= away;
        bool isBarren = !present.IsUsable && at - RecordedSince >= BarrenAfter;
        ImmutableList<KeyValuePair<uint, KnownSender>> heirs = isAway ? others : isBarren ? others.RemoveAll(each => !each.Value.IsUsable) : [];
        if (heirs.Count > 0)
        {
            uint heir = (heirs.Find(each => each.Value.IsUsable) is { Value: not null } usable ? usable : heirs[0]).Key;
            return new SenderLook(next with { Recorded = heir, RecordedSince = at }, gone, null);
        }

        KeyValuePair<uint, KnownSender> ignored = others.Find(each => !each.Value.IsTold && at - each.Value.Since >= IgnoredAfter);
        return ignored.Value is null || isAway || Told >= MostTold
            ? new SenderLook(next, gone, null)
            : new SenderLook(next with { Told = Told + 1, Senders = next.Senders.SetItem(ignored.Key, ignored.Value with { IsTold = true }) }, gone, ignored.Key);
    }

    // Senders that followed each other must not keep the next one from being heard: a place is free as long as any of them is away.
    private IEnumerable<uint> MakingRoom(ImmutableList<uint> gone, long at)
    {
        List<KeyValuePair<uint, KnownSender>> known = [.. Senders.Where(each => each.Value.IsKnown && !gone.Contains(each.Key))];
        return known
            .Where(each => each.Key != Recorded && at - each.Value.LastAt >= AwayAfter)
            .OrderBy(each => each.Value.LastAt)
            .Take(Math.Max(0, known.Count - MostSenders + 1))
            .Select(each => each.Key);
    }

    // Noise must not keep a sender from being heard.
    private SenderChoice WithRoom()
    {
        ImmutableList<KeyValuePair<uint, KnownSender>> strangers = [.. Senders.Where(each => !each.Value.IsKnown).OrderBy(each => each.Value.LastAt)];
        return strangers.Count < MostStrangers ? this : this with { Senders = Senders.Remove(strangers[0].Key) };
    }
}
