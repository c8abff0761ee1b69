namespace Recorder.Worker.Rtp;

/// <summary>Whether received media are written too, judged by how much waits. The watch notices a disk that hangs, so
/// that memory stays bounded.</summary>
/// <param name="BehindSince">Since when too much has been waiting, or null.</param>
internal sealed record WriteWatch(DateTimeOffset? BehindSince)
{
    /// <summary>How much may wait. Received media are written some tenths of a second later, and a disk may be busy for
    /// a moment.</summary>
    public static TimeSpan Slack { get; } = TimeSpan.FromSeconds(3);

    /// <summary>How long more than <see cref="Slack"/> may wait.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Looks at how much waits.</summary>
    /// <param name="waiting">The length of the part of the record that has been received and not been written.</param>
    /// <param name="now">The time.</param>
    /// <returns>The next watch, and whether the record stands still.</returns>
    public (WriteWatch Next, bool Stalled) Look(TimeSpan waiting, DateTimeOffset now)
    {
        DateTimeOffset? since = waiting > Slack ? BehindSince ?? now : null;
        return (new WriteWatch(since), now - since >= Limit);
    }
}
