using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>Maps an error of a pipeline or of a file to the record's failure code.</summary>
internal static class PipelineFault
{
    // GstResourceError: OPEN_WRITE 6, WRITE 10, NO_SPACE_LEFT 14.
    private const string ResourceDomain = "gst-resource-error-quark";
    private const int OpenWrite = 6;
    private const int Write = 10;
    private const int NoSpaceLeft = 14;

    // errno of "No space left on device", as .NET reports it in HResult.
    private const int NoSpace = 28;

    /// <summary>The code of an error that happened while a file was written.</summary>
    public static string CodeOf(Exception error) =>
        error switch
        {
            IOException { HResult: NoSpace } => WorkerFailure.DiskFull,
            IOException or UnauthorizedAccessException => WorkerFailure.WriteFailed,
            _ => WorkerFailure.EncoderFailed,
        };

    /// <summary>The code and the text of an error message.</summary>
    public static (string Code, string Text) Of(Message message) =>
        (message.Domain, message.Code) switch
        {
            (ResourceDomain, NoSpaceLeft) => (WorkerFailure.DiskFull, $"no space is left on the disk ({message.Text})"),
            (ResourceDomain, OpenWrite) => (WorkerFailure.RecordsFolderUnavailable, message.Text),
            (ResourceDomain, Write) => (WorkerFailure.WriteFailed, message.Text),
            _ => (WorkerFailure.EncoderFailed, $"{message.Source}: {message.Text}"),
        };
}
