namespace Recorder.Worker.Rtp;

/// <summary>
/// Where silence takes the place of sound that does not come while pictures do: a function of what went before. Sound
/// that is only late must find its place free. It may belong up to 3 s before its picture (see <see cref="LipSync"/>),
/// and a burst of pictures may come before its sound.
/// </summary>
/// <param name="Since">Since when so much sound is missing; null: it is not.</param>
internal readonly record struct SoundGap(DateTimeOffset? Since)
{
    // In nanoseconds of the record.
    private const long After = 4_000_000_000;
    private const long UpTo = 3_500_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Looks how far the sound is behind.</summary>
    /// <param name="picture">Time of the latest picture, in nanoseconds of the record.</param>
    /// <param name="sound">End of the last piece of sound, likewise.</param>
    /// <param name="now">The time.</param>
    /// <returns>The next state, and up to where silence is to be filled in, likewise; null: nowhere.</returns>
    public (SoundGap Next, long? SilenceUntil) Look(long picture, long sound, DateTimeOffset now)
    {
        if (picture - sound < After)
        {
            return (default, null);
        }

        var since = Since ?? now;
        return now - since >= Patience ? (new SoundGap(since), picture - UpTo) : (new SoundGap(since), null);
    }
}
