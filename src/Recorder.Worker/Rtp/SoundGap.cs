namespace Recorder.Worker.Rtp;

/// <summary>
/// Decides where silence replaces missing sound while pictures come. Sound that is only late must find its place free.
/// Sound may belong up to 3 s before its picture (see <see cref="LipSync"/>), and a burst of pictures may come before
/// its sound. A pure function of the earlier looks.
/// </summary>
/// <param name="Since">Since when enough sound for a gap is missing; null: sound is not missing.</param>
internal readonly record struct SoundGap(DateTimeOffset? Since)
{
    // In nanoseconds of the record.
    private const long After = 4_000_000_000;
    private const long UpTo = 3_500_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Checks how far the sound is behind.</summary>
    /// <param name="picture">Time of the latest picture, in nanoseconds of the record.</param>
    /// <param name="sound">End of the last piece of sound, in nanoseconds of the record.</param>
    /// <param name="now">The time.</param>
    /// <returns>The next state, and the time up to which to fill in silence, in nanoseconds of the record; null:
    /// nothing to fill.</returns>
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
