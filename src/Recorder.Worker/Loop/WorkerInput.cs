using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>Something the worker reacts to, one after the other.</summary>
internal abstract record WorkerInput
{
    /// <summary>A line from standard input.</summary>
    public sealed record Line(string Text) : WorkerInput;

    /// <summary>Standard input ended.</summary>
    public sealed record InputClosed : WorkerInput;

    /// <summary>SIGTERM or SIGINT.</summary>
    public sealed record Terminated : WorkerInput;

    /// <summary>The display is gone.</summary>
    public sealed record DisplayLost : WorkerInput;

    /// <summary>The sound server is gone.</summary>
    public sealed record SoundLost : WorkerInput;

    /// <summary>The pipeline's error or end of stream.</summary>
    public sealed record Pipeline(Message Message) : WorkerInput;

    /// <summary>The state of a stream target has changed.</summary>
    public sealed record TargetChanged(string Id) : WorkerInput;

    /// <summary>The live playlist wants a key frame to cut at.</summary>
    public sealed record KeyFrameWanted : WorkerInput;

    /// <summary>The picture that was asked for is there, or failed.</summary>
    public sealed record ThumbnailMade(WorkerEvent Event) : WorkerInput;

    /// <summary>The first picture was found in the file.</summary>
    public sealed record FirstPictureWritten : WorkerInput;

    /// <summary>Time to look after progress, room on the disk and stalls.</summary>
    public sealed record Tick : WorkerInput;
}
