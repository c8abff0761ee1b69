using Recorder.Worker.GStreamer;
using Recorder.Worker.Loop;

namespace Recorder.Worker.Rtp;

/// <summary>What a worker that receives RTP reacts to besides the inputs of every worker.</summary>
internal abstract record RtpInput : WorkerInput
{
    /// <summary>The record's file cannot be written.</summary>
    public sealed record RecordFailed(Exception Error) : RtpInput;

    /// <summary>The pipeline of a sender reports an error.</summary>
    /// <param name="Receiver">The pipeline; null: it could not be made.</param>
    /// <param name="Message">What it reports.</param>
    public sealed record ReceiverMessage(RtpReceiver? Receiver, Message Message) : RtpInput;

    /// <summary>Pictures are left out whose parameter sets are longer than the record has room for.</summary>
    /// <param name="Bytes">How long they are.</param>
    public sealed record ParametersTooLong(int Bytes) : RtpInput;

    /// <summary>The first media are in the record's file, picture or sound.</summary>
    public sealed record RecordBegan : RtpInput;
}
