namespace Recorder.Worker.Streams;

/// <summary>Asks the one encoder for key frames on behalf of all who begin somewhere in the middle, at most one a
/// second: each costs bits.</summary>
internal sealed class KeyFrameRequests(Action force, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _asking = new();
    private long? _asked;
    private bool _stopped;

    /// <summary>A key frame is wanted soon; who still waits for it asks again. From any thread.</summary>
    public void Ask()
    {
        lock (_asking)
        {
            if (_stopped || (_asked is { } last && time.GetElapsedTime(last) < Interval))
            {
                return;
            }

            _asked = time.GetTimestamp();
            force();
        }
    }

    /// <summary>Asks no more: the encoder is about to go.</summary>
    public void Stop()
    {
        lock (_asking)
        {
            _stopped = true;
        }
    }
}
