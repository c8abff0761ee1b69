using Recorder.Worker.GStreamer;
using Recorder.Worker.Loop;

namespace Recorder.Worker.Rtp;

/// <summary>The inputs of a worker that receives RTP, in addition to the inputs of every worker.</summary>
internal abstract record RtpInput : WorkerInput
{
    /// <summary>The record's file cannot be written.</summary>
    public sealed record RecordFailed(Exception Error) : RtpInput;

    /// <summary>The pipeline of a sender reports an error.</summary>
    /// <param name="Receiver">The pipeline; null: the pipeline could not be made.</param>
    /// <param name="Message">The error message.</param>
    public sealed record ReceiverMessage(RtpReceiver? Receiver, Message Message) : RtpInput;

    /// <summary>Pictures are left out because their parameter sets are longer than the record has room for.</summary>
    /// <param name="Bytes">The length of the parameter sets.</param>
    public sealed record ParametersTooLong(int Bytes) : RtpInput;

    /// <summary>The first frame, picture or sound, is in the record's file.</summary>
    public sealed record RecordBegan : RtpInput;
}
