namespace Recorder.Worker.Streams;

/// <summary>Asks the one encoder for key frames on behalf of all who begin somewhere in the middle, at most one a second: each costs bits.</summary>
internal sealed class KeyFrameRequests(Action force, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock asking = new();
    private long? asked;
    private bool stopped;

    /// <summary>A key frame is wanted soon; who still waits for it asks again. From any thread.</summary>
    public void Ask()
    {
        lock (asking)
        {
            if (stopped || (asked is { } last && time.GetElapsedTime(last) < Interval))
            {
                return;
            }

            asked = time.GetTimestamp();
            force();
        }
    }

    /// <summary>Asks no more: the encoder is about to go.</summary>
    public void Stop()
    {
        lock (asking)
        {
            stopped = true;
        }
    }
}
