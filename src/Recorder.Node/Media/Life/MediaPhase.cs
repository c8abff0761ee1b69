using Recorder.Cluster.Sessions.MediaPort;

namespace Recorder.Node.Media.Life;

/// <summary>The life of a media set.</summary>
internal enum MediaPhase
{
    /// <summary>Nothing was asked yet.</summary>
    Idle,

    /// <summary>On the way to the first picture of a record or stream: the first, or the next after a lost
    /// worker.</summary>
    Starting,

    /// <summary>A record grows.</summary>
    Recording,

    /// <summary>The worker is gone; display, sound and browser wait for <see cref="ResumeRecording"/>.</summary>
    WorkerLost,

    /// <summary>The worker finalises the record.</summary>
    Finishing,

    /// <summary>Every process is being ended.</summary>
    Ending,

    /// <summary>Nothing is left.</summary>
    Ended,
}
