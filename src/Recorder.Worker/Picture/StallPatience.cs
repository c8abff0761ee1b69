namespace Recorder.Worker.Picture;

/// <summary>
/// How long the capture waits for the encoder before a tick is left out. After a stall of the whole process, many ticks
/// are overdue at once, and the encoder has had no time to take frames. So the capture waits for the encoder. If the
/// encoder itself is too slow, waiting would only make the record late. So there is no further wait until the encoder
/// has had room again.
/// </summary>
internal sealed class StallPatience
{
    /// <summary>A tick that is overdue by more nanoseconds than this means a stall; less means a busy
    /// machine.</summary>
    public const long Stall = 200_000_000;

    /// <summary>The longest wait after one stall, in nanoseconds. An encoder that keeps up takes a second's pictures in
    /// less time.</summary>
    public const long Patience = 1_000_000_000;

    private bool _encoderHadRoom = true;

    /// <summary>Nanoseconds that the capture may still wait.</summary>
    public long Left { get; private set; }

    /// <summary>Takes note of a tick that is due.</summary>
    /// <param name="overdue">Nanoseconds since the tick was due.</param>
    /// <param name="backlog">Number of frames that wait for the encoder.</param>
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

    /// <summary>Subtracts the time of a wait.</summary>
    public void Spend(long nanoseconds) => Left -= nanoseconds;
}
