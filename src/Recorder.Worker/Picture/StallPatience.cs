namespace Recorder.Worker.Picture;

/// <summary>
/// How long the capture waits for the encoder before it leaves a tick out. After a stall of the whole process many
/// ticks are overdue at once, and the encoder has had no time to take any: it is waited for. Where the encoder itself
/// is too slow, waiting would only make the record late: nothing is waited for until it has had room again.
/// </summary>
internal sealed class StallPatience
{
    /// <summary>Nanoseconds by which a tick must be overdue for a stall; less is a busy machine.</summary>
    public const long Stall = 200_000_000;

    /// <summary>Nanoseconds to wait after one stall in all: an encoder that keeps up takes a second's pictures in
    /// less.</summary>
    public const long Patience = 1_000_000_000;

    private bool _encoderHadRoom = true;

    /// <summary>Nanoseconds that may still be waited.</summary>
    public long Left { get; private set; }

    /// <summary>Looks at a tick that is due.</summary>
    /// <param name="overdue">Nanoseconds since it was due.</param>
    /// <param name="backlog">Frames that wait for the encoder.</param>
    public void Look(long overdue, long backlog)
    {
        if (overdue > Stall)
        {
            Left = _encoderHadRoom ? Patience : Left;
            _encoderHadRoom = false;
        }
        else if (backlog <= PictureCapture.MaximumBacklog / 2)
        {
            Left = 0;
            _encoderHadRoom = true;
        }
    }

    /// <summary>Takes what was waited off.</summary>
    public void Spend(long nanoseconds) => Left -= nanoseconds;
}
