namespace Recorder.Worker.Rtp;

/// <summary>The facts about one medium's sender that decide where its frames belong.</summary>
/// <param name="Ssrc">The sender's SSRC.</param>
/// <param name="Clock">The sender's clock.</param>
/// <param name="Name">The sender's canonical name (CNAME, RFC 3550, 6.5.1); null: the sender has told none.</param>
internal sealed record TimedSender(uint Ssrc, SenderClock Clock, string? Name);

/// <summary>
/// Where frames of both media belong on the reception's one clock. Senders' reports bring the two media together;
/// without reports, the times of arrival do. Sound is never cut or stretched: after the sound has begun, the picture
/// follows the sound, because a picture can be moved without a loss. A pure function of the earlier frames.
/// </summary>
internal sealed record LipSync
{
    // For media that belong together, the difference by reports and the difference by arrival are no farther apart than
    // this. The packets may have taken any paths. The limit is that of rtpbin.
    private const long FarthestApart = 3_000_000_000;

    // The picture reaches its right place within two seconds, without a visible jump.
    private const double SlowestMove = 0.3;
    private const double FastestBack = 0.8;
    private const double MoveBySecond = 1.5;
    private const long Together = 5_000_000;

    private (uint Ssrc, long Offset, long Reached)? Picture { get; init; }

    private (uint Ssrc, long Offset)? Sound { get; init; }

    private long Apart { get; init; }

    /// <summary>The state before the first frame.</summary>
    public static LipSync Empty { get; } = new();

    /// <summary>Places a piece of sound.</summary>
    /// <param name="mediaTime">The piece's media time in nanoseconds.</param>
    /// <param name="own">The sender of the sound.</param>
    /// <param name="picture">The recorded sender of the picture; null: none.</param>
    /// <returns>The next state, and the piece's time by the reception's clock in nanoseconds.</returns>
    public (LipSync Next, long Time) PlaceSound(long mediaTime, TimedSender own, TimedSender? picture)
    {
        if (Sound is { } placed && placed.Ssrc == own.Ssrc)
        {
            return (this, mediaTime + placed.Offset);
        }

        var offset =
            Picture is { } other && picture is not null && other.Ssrc == picture.Ssrc
                ? other.Offset + (ByReports(own, picture) ?? (ByArrival(own, picture) - Apart))
                : own.Clock.Arrival!.Value;
        return (this with { Sound = (own.Ssrc, offset) }, mediaTime + offset);
    }

    /// <summary>Places a picture.</summary>
    /// <param name="mediaTime">The picture's media time in nanoseconds.</param>
    /// <param name="own">The sender of the picture.</param>
    /// <param name="sound">The recorded sender of the sound; null: none.</param>
    /// <returns>The next state, and the picture's time by the reception's clock in nanoseconds.</returns>
    public (LipSync Next, long Time) PlacePicture(long mediaTime, TimedSender own, TimedSender? sound)
    {
        long? reports = null;
        long? right = null;
        if (Sound is { } other && sound is not null && other.Ssrc == sound.Ssrc)
        {
            reports = ByReports(own, sound);
            right = other.Offset + (reports ?? (ByArrival(own, sound) + Apart));
        }

        var next = reports is { } told ? this with { Apart = told - ByArrival(own, sound!) } : this;
        if (Picture is not { } placed || placed.Ssrc != own.Ssrc)
        {
            var begun = right ?? own.Clock.Arrival!.Value;
            return (next with { Picture = (own.Ssrc, begun, mediaTime) }, mediaTime + begun);
        }

        var offset =
            placed.Offset + Move((right ?? placed.Offset) - placed.Offset, Math.Max(0, mediaTime - placed.Reached));
        return (next with { Picture = (own.Ssrc, offset, Math.Max(placed.Reached, mediaTime)) }, mediaTime + offset);
    }

    /// <summary>Whether the reports of both senders tell how their media belong together.</summary>
    public static bool IsTold(TimedSender one, TimedSender other) => ByReports(one, other) is not null;

    private static long Move(long way, long elapsed)
    {
        if (Math.Abs(way) <= Together)
        {
            return 0;
        }

        var share = Math.Max(SlowestMove, MoveBySecond * Math.Abs(way) / 1e9);
        var most = (way < 0 ? Math.Min(share, FastestBack) : share) * elapsed;
        return Math.Sign(way) * (long)Math.Min(Math.Abs(way), most);
    }

    // The own offset is the other sender's offset plus this difference.
    private static long ByArrival(TimedSender own, TimedSender other) =>
        own.Clock.Arrival!.Value - other.Clock.Arrival!.Value;

    private static long? ByReports(TimedSender own, TimedSender other)
    {
        // The clocks of two hosts cannot be compared. After a clock was set anew, its reports from before and after
        // cannot be compared either.
        var isOneClock = own.Name is null || other.Name is null || own.Name == other.Name;
        if (
            !isOneClock
            || own.Clock.Reported is not { } mine
            || other.Clock.Reported is not { } theirs
            || own.Clock.ReportedAt < other.Clock.SteppedAt
            || other.Clock.ReportedAt < own.Clock.SteppedAt
        )
        {
            return null;
        }

        var apart = mine - theirs;
        return Math.Abs(apart - ByArrival(own, other)) <= FarthestApart ? apart : null;
    }
}
