namespace Recorder.Worker.Streams;

/// <summary>
/// One connection to a stream target, from connecting to its end. A connection has a pipeline of its own, so that its
/// troubles reach no other connection. One thread owns the connection, and calls may block that thread.
/// <see cref="Offer"/> and <see cref="Figures"/> are called on other threads.
/// </summary>
internal interface IStreamConnection : IDisposable
{
    /// <summary>The connection's present figures. From any thread.</summary>
    StreamFigures Figures { get; }

    /// <summary>Begins to connect.</summary>
    void Open();

    /// <summary>Takes a frame, if the frame is of use. Never waits. Called on the encoders' threads.</summary>
    void Offer(in EncodedFrame frame);

    /// <summary>Watches the connection for at most <paramref name="limit"/>.</summary>
    /// <returns>Why the connection has ended, a sentence for people without secrets; null while it lasts.</returns>
    string? Wait(TimeSpan limit);

    /// <summary>Takes no more frames, and says good-bye to the peer after the last frame, all within
    /// <paramref name="limit"/>.</summary>
    void Finish(TimeSpan limit);
}

/// <summary>The state and the figures of a connection.</summary>
/// <param name="Answered">Whether the peer has taken media. The peer may still close the connection at once.</param>
/// <param name="Accepted">Whether the connection counts as made: media flows, or may flow.</param>
/// <param name="WantsKeyFrame">Whether the connection waits for a key frame.</param>
/// <param name="FramesTaken">Number of pictures given to the connection that it has sent or still has to send.</param>
/// <param name="FramesSent">Number of pictures that the connection has sent.</param>
/// <param name="BytesSent">Number of bytes that the connection has sent.</param>
/// <param name="Backlog">Playing time of the media that wait to be sent.</param>
internal readonly record struct StreamFigures(
    bool Answered,
    bool Accepted,
    bool WantsKeyFrame,
    long FramesTaken,
    long FramesSent,
    long BytesSent,
    TimeSpan Backlog
)
{
    /// <summary>A sentence for people: what an accepted connection waits for before media flows; otherwise
    /// null.</summary>
    public string? Waits { get; init; }
}
