using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>What of a page is recorded in which container: <c>video</c>, <c>container</c> and <c>also_audio</c> of a
/// start
/// of type <c>uri</c>. Pure.</summary>
internal static class SoundFields
{
    /// <summary>Whether the picture is recorded.</summary>
    public const string Video = "video";

    /// <summary>The container of the sound beside a record.</summary>
    public static readonly ChoiceField<RecordContainer> AlsoAudio = new(
        "also_audio",
        "Keep the sound in a file of its own beside the record, too, from the same samples.",
        RecordContainer.M4a
    )
    {
        Served = RecordContainers.OfSound,
    };

    /// <summary>The bit rates of MPEG-1 layer 3 that the API serves, in kbit/s.</summary>
    private static readonly int[] Mp3Bitrates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

    private static string[] OfPicture =>
    [
        StartFields.Bitrate.Name,
        StartFields.Width.Name,
        StartFields.Height.Name,
        StartFields.Framerate.Name,
        StartFields.KeyframeInterval.Name,
        StartFields.Preset.Name,
        StartFields.Profile.Name,
    ];

    /// <summary>Reads the fields.</summary>
    /// <param name="data">The fields of the start.</param>
    /// <param name="mode">Where the encoded media goes.</param>
    /// <param name="hls">Whether a live playlist is asked for.</param>
    public static SoundAsked Read(JsonFields data, RecordingMode mode, bool hls)
    {
        var only = data.Has(Video) && !data.Flag(Video) && data.Sound(Video);
        var container =
            only && !data.Has(StartFields.Container.Name) ? RecordContainer.M4a : data.Choice(StartFields.Container);
        RecordContainer? beside = data.Has(AlsoAudio.Name) ? data.Choice(AlsoAudio) : null;
        if (data.Sound(StartFields.Container.Name) && container.IsOfSound() != only)
        {
            data.Refuse(
                StartFields.Container.Name,
                only
                    ? $"data.container {StartFields.Container.Word(container)} is for a picture, and data.video is false; take one of {string.Join(", ", AlsoAudio.Words)}."
                    : $"data.container {StartFields.Container.Word(container)} holds sound alone; set data.video to false, or data.also_audio for sound beside the record."
            );
        }
        if (only)
        {
            RefusePicture(data, mode, hls);
        }
        if (beside is not null && (only || mode == RecordingMode.Stream))
        {
            data.Refuse(
                AlsoAudio.Name,
                only
                    ? "data.also_audio is of no use, since data.video is false and the record is sound alone."
                    : "data.also_audio needs a record, and mode stream makes none; set data.mode to record or both."
            );
        }
        RefuseBitrate(data, only ? container : beside, only);
        return new SoundAsked(only, container, beside);
    }

    private static void RefusePicture(JsonFields data, RecordingMode mode, bool hls)
    {
        foreach (var name in OfPicture.Where(data.Has))
        {
            data.Refuse(name, $"data.{name} is for a picture, and data.video is false; leave it out.");
        }
        if (mode != RecordingMode.Record && data.Sound(StartFields.Mode.Name))
        {
            data.Refuse(
                StartFields.Mode.Name,
                "data.mode must be record, since data.video is false and streams need a picture."
            );
        }
        if (hls)
        {
            data.Refuse(StartFields.Hls, "data.hls needs a picture, and data.video is false.");
        }
    }

    private static void RefuseBitrate(JsonFields data, RecordContainer? container, bool only)
    {
        var name = StartFields.AudioBitrate.Name;
        if (!data.Has(name) || !data.Sound(name))
        {
            return;
        }
        if (only && container == RecordContainer.Flac)
        {
            data.Refuse(name, $"data.{name} is of no use with flac, which loses nothing; leave it out.");
        }
        else if (container == RecordContainer.Mp3 && !Mp3Bitrates.Contains(data.Whole(StartFields.AudioBitrate)))
        {
            data.Refuse(name, $"data.{name} of mp3 must be one of {string.Join(", ", Mp3Bitrates)} kbit/s.");
        }
    }
}

/// <summary>What of a page is recorded, and in which container.</summary>
/// <param name="Only">Whether the sound alone is recorded.</param>
/// <param name="Container">The container of the record.</param>
/// <param name="Beside">The container of the sound beside the record; null: none.</param>
internal sealed record SoundAsked(bool Only, RecordContainer Container, RecordContainer? Beside);
