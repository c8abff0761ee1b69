using Recorder.Node.GStreamer;

namespace Recorder.Node.Pipelines.Rtp;

/// <summary>What a worker that receives RTP reacts to besides the inputs of every worker.</summary>
internal abstract record RtpInput : WorkerInput
{
    /// <summary>The record's pipeline reports an error or the end of its stream.</summary>
    public sealed record RecordMessage(Message Message) : RtpInput;

    /// <summary>The reception's pipeline reports an error.</summary>
    public sealed record ReceiverMessage(RtpReceiver Receiver, Message Message) : RtpInput;

    /// <summary>The record has its first picture on the way to the file.</summary>
    public sealed record RecordBegan(DateTimeOffset At) : RtpInput;
}
