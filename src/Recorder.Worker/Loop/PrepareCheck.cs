using Recorder.Worker.Files;
using Recorder.Worker.Picture;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>Checks a prepare command before anything is opened.</summary>
internal static class PrepareCheck
{
    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="WorkerException">A setting is out of its range, or the disk is too full.</exception>
    public static void Throw(WorkerCommand.Prepare settings)
    {
        Require(
            settings.Picture.Width is >= 16 and <= 16384 && settings.Picture.Width % 2 == 0,
            "picture.width",
            settings.Picture.Width,
            settings
        );
        Require(
            settings.Picture.Height is >= 16 and <= 16384 && settings.Picture.Height % 2 == 0,
            "picture.height",
            settings.Picture.Height,
            settings
        );
        Require(
            settings.Picture.Framerate is >= 1 and <= 120,
            "picture.framerate",
            settings.Picture.Framerate,
            settings
        );
        Require(
            settings.Picture.Bitrate is >= 1 and <= 2_048_000,
            "picture.bitrate",
            settings.Picture.Bitrate,
            settings
        );
        Require(settings.Sound.Bitrate is >= 8 and <= 320, "sound.bitrate", settings.Sound.Bitrate, settings);
        Require(
            settings.Picture.KeyframeInterval is >= 1,
            "picture.keyframeInterval",
            settings.Picture.KeyframeInterval,
            settings
        );
        Require(VideoEncoding.IsPreset(settings.Picture.Preset), "picture.preset", settings.Picture.Preset, settings);
        Require(
            VideoEncoding.IsProfile(settings.Picture.Profile),
            "picture.profile",
            settings.Picture.Profile,
            settings
        );
        if (settings.AlsoAudio is { } beside)
        {
            Require(
                settings is { Path: not null, SoundOnly: false } && FileContainers.OfSound.ContainsKey(beside),
                "alsoAudio",
                beside,
                settings
            );
        }

        Require(
            settings.SoundOnly == FileContainers.OfSound.ContainsKey(settings.Container),
            "container",
            settings.Container,
            settings
        );
        if (settings.SoundOnly)
        {
            Require(settings is { Path: not null, Hls: false, Targets.IsEmpty: true }, "soundOnly", true, settings);
        }

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
                WorkerFailure.DiskFull,
                $"Session {settings.Session} cannot record: less than {settings.MinimumFreeBytes} bytes are free for {settings.Path}."
            );
        }
    }

    /// <summary>Creates the record's file, so that its name is taken.</summary>
    /// <exception cref="WorkerException">The file cannot be made.</exception>
    public static void Reserve(long session, string path)
    {
        try
        {
            RecordFile.Reserve(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WorkerException(
                WorkerFailure.RecordsFolderUnavailable,
                $"Session {session} cannot record: {error.Message}"
            );
        }
    }

    private static void Require(bool holds, string field, object value, WorkerCommand.Prepare settings)
    {
        if (!holds)
        {
            throw new WorkerException(
                WorkerFailure.InvalidCommand,
                $"Session {settings.Session} cannot record: {field} {value} is out of its range."
            );
        }
    }
}
