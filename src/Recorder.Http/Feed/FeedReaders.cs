namespace Recorder.Http.Feed;

/// <summary>Counts the readers of the feed at this edge, which has room for a limited number.</summary>
internal sealed class FeedReaders
{
    /// <summary>The most readers at once.</summary>
    public const int Most = 200;

    /// <summary>How long a connection is silent before a comment shows that it lives.</summary>
    public TimeSpan Heartbeat { get; set; } = FeedAnswer.Heartbeat;

    private int _present;

    /// <summary>Takes a place.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _present) <= Most)
        {
            return true;
        }
        Leave();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _present);
}
