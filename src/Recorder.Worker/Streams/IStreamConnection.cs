namespace Recorder.Worker.Streams;

/// <summary>
/// One connection to a stream target, from connecting to its end: a pipeline of its own, so that nothing that happens
/// in it reaches another. Its owner is one thread, which it may block; <see cref="Offer"/> and <see cref="Figures"/>
/// are called on others.
/// </summary>
internal interface IStreamConnection : IDisposable
{
    /// <summary>How it stands. From any thread.</summary>
    StreamFigures Figures { get; }

    /// <summary>Begins to connect.</summary>
    void Open();

    /// <summary>Takes a frame, if the frame is of use; it never waits. On the encoders' threads.</summary>
    void Offer(in EncodedFrame frame);

    /// <summary>Looks after the connection for at most <paramref name="limit"/>.</summary>
    /// <returns>Why it has ended, a sentence for people without secrets; null when it goes on.</returns>
    string? Wait(TimeSpan limit);

    /// <summary>Takes no more frames, and says good-bye to the peer after the last, all within
    /// <paramref name="limit"/>.</summary>
    void Finish(TimeSpan limit);
}

/// <summary>How a connection stands.</summary>
/// <param name="Answered">Whether the peer has taken media, though it may close the connection at once.</param>
/// <param name="Accepted">Whether the connection counts as made: media flows, or may flow.</param>
/// <param name="WantsKeyFrame">Whether it waits for a key frame.</param>
/// <param name="FramesTaken">Pictures that it was given and has sent or still has to send.</param>
/// <param name="FramesSent">Pictures that it has sent.</param>
/// <param name="BytesSent">Bytes that it has sent.</param>
/// <param name="Backlog">Playing time of what waits to be sent.</param>
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
    /// <summary>What an accepted connection waits for before media flows, a sentence for people; else null.</summary>
    public string? Waits { get; init; }
}
