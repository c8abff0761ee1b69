using Recorder.Cluster.Sessions.MediaPort;

namespace Recorder.Node.Media.Life;

/// <summary>The life of a media set.</summary>
internal enum MediaPhase
{
    /// <summary>No command has arrived yet.</summary>
    Idle,

    /// <summary>The media set is on the way to the first picture of a record or stream. That is the session's first
    /// one, or the next one after a lost worker.</summary>
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
