using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Picture;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>A failure with its code of <see cref="WorkerFailure"/>.</summary>
internal sealed class WorkerException(string code, string message) : Exception(message)
{
    /// <summary>The code.</summary>
    public string Code { get; } = code;
}

/// <summary>What a pipeline's error, or that of a file, means for the record.</summary>
internal static class PipelineFault
{
    // GstResourceError: OPEN_WRITE 6, WRITE 10, NO_SPACE_LEFT 14.
    private const string ResourceDomain = "gst-resource-error-quark";
    private const int OpenWrite = 6;
    private const int Write = 10;
    private const int NoSpaceLeft = 14;

    // errno of "No space left on device", as .NET hands it on.
    private const int NoSpace = 28;

    /// <summary>The code of what happened while a file was written.</summary>
    public static string CodeOf(Exception error) => error switch
    {
        IOException { HResult: NoSpace } => WorkerFailure.DiskFull,
        IOException or UnauthorizedAccessException => WorkerFailure.WriteFailed,
        _ => WorkerFailure.EncoderFailed,
    };

    /// <summary>The code and the text of an error message.</summary>
    public static (string Code, string Text) Of(Message message) => (message.Domain, message.Code) switch
    {
        (ResourceDomain, NoSpaceLeft) => (WorkerFailure.DiskFull, $"no space is left on the disk ({message.Text})"),
        (ResourceDomain, OpenWrite) => (WorkerFailure.RecordsFolderUnavailable, message.Text),
        (ResourceDomain, Write) => (WorkerFailure.WriteFailed, message.Text),
        _ => (WorkerFailure.EncoderFailed, $"{message.Source}: {message.Text}"),
    };
}

/// <summary>What can be said about a prepare command before anything is opened.</summary>
internal static class PrepareCheck
{
    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="WorkerException">A setting is out of its range, or the disk is too full.</exception>
    public static void Throw(WorkerCommand.Prepare settings)
    {
        Require(settings.Width is >= 16 and <= 16384 && settings.Width % 2 == 0, "width", settings.Width, settings);
        Require(settings.Height is >= 16 and <= 16384 && settings.Height % 2 == 0, "height", settings.Height, settings);
        Require(settings.Framerate is >= 1 and <= 120, "framerate", settings.Framerate, settings);
        Require(settings.VideoBitrate is >= 1 and <= 2_048_000, "videoBitrate", settings.VideoBitrate, settings);
        Require(settings.AudioBitrate is >= 8 and <= 320, "audioBitrate", settings.AudioBitrate, settings);
        Require(settings.KeyframeInterval is >= 1, "keyframeInterval", settings.KeyframeInterval, settings);
        Require(VideoEncoding.IsPreset(settings.Preset), "preset", settings.Preset, settings);
        Require(VideoEncoding.IsProfile(settings.Profile), "profile", settings.Profile, settings);
        if (settings.Path is null)
        {
            Require(!settings.Hls, "hls", settings.Hls, settings);
            Require(!settings.Targets.IsEmpty, "targets", "none", settings);
            return;
        }

        Require(Path.IsPathFullyQualified(settings.Path), "path", settings.Path, settings);
        if (RecordFile.FreeBytes(settings.Path) < settings.MinimumFreeBytes)
        {
            throw new WorkerException(
                WorkerFailure.DiskFull, $"Session {settings.Session} cannot record: less than {settings.MinimumFreeBytes} bytes are free for {settings.Path}.");
        }
    }

    /// <summary>Takes the record's name.</summary>
    /// <exception cref="WorkerException">The file cannot be made.</exception>
    public static void Reserve(long session, string path)
    {
        try
        {
            RecordFile.Reserve(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkerException(WorkerFailure.RecordsFolderUnavailable, $"Session {session} cannot record: {error.Message}");
        }
    }

    private static void Require(bool holds, string field, object value, WorkerCommand.Prepare settings)
    {
        if (!holds)
        {
            throw new WorkerException(WorkerFailure.InvalidCommand, $"Session {settings.Session} cannot record: {field} {value} is out of its range.");
        }
    }
}
