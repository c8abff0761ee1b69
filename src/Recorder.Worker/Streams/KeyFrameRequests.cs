namespace Recorder.Worker.Streams;

/// <summary>Asks the one encoder for key frames on behalf of all outputs that begin in the middle. At most one request
/// a second, because each key frame costs bits.</summary>
internal sealed class KeyFrameRequests(Action force, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _asking = new();
    private long? _asked;
    private bool _stopped;

    /// <summary>Asks for a key frame soon. An output that still waits for a key frame asks again. From any
    /// thread.</summary>
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

    /// <summary>Ends all requests, because the encoder is about to stop.</summary>
    public void Stop()
    {
        lock (_asking)
        {
            _stopped = true;
        }
    }
}
