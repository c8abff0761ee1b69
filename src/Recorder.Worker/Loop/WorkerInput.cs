using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>An input of the worker's loop. The loop handles its inputs one after the other.</summary>
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

    /// <summary>A stream target has changed its state.</summary>
    public sealed record TargetChanged(string Id) : WorkerInput;

    /// <summary>The live playlist wants a key frame to cut at.</summary>
    public sealed record KeyFrameWanted : WorkerInput;

    /// <summary>The requested picture was made, or could not be made.</summary>
    public sealed record ThumbnailMade(WorkerEvent Event) : WorkerInput;

    /// <summary>The file holds its first picture, or the first sound of a record without a picture.</summary>
    public sealed record FirstPictureWritten : WorkerInput;

    /// <summary>Time to check progress, free disk space and stalls.</summary>
    public sealed record Tick : WorkerInput;
}
