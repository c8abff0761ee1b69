using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>
/// The fields of <c>data</c> on a start of type <c>uri</c>, with the ranges of <see cref="SpecLimits"/> and the
/// defaults of the spec.
/// </summary>
internal static class StartFields
{
    private static readonly VideoSettings Video = new();
    private static readonly AudioSettings Audio = new();

    /// <summary>A field of every type of session.</summary>
    public const string Name = "name";

    /// <summary>A field of every type of session.</summary>
    public const string Deliver = "deliver";

    /// <summary>A field of every type of session.</summary>
    public const string Labels = "labels";

    /// <summary>A field of every type of session.</summary>
    public const string Webhooks = "webhooks";

    /// <summary>A field of every type of session.</summary>
    public const string Retention = "retention";

    public const string Uri = "uri";
    public const string StreamUri = "stream_uri";
    public const string StreamUris = "stream_uris";
    public const string Hls = "hls";
    public const string LocalPeers = "local_peers";

    public static readonly WholeNumberField Bitrate = new(
        "bitrate",
        "Video bit rate in kbit/s.",
        SpecLimits.MinimumVideoBitrate,
        SpecLimits.MaximumVideoBitrate,
        Video.Bitrate,
        "kbit/s"
    );

    public static readonly WholeNumberField Width = new(
        "width",
        "Width of the picture in pixels, even.",
        SpecLimits.MinimumWidth,
        SpecLimits.MaximumWidth,
        Video.Width,
        "pixels",
        Even: true
    );

    public static readonly WholeNumberField Height = new(
        "height",
        "Height of the picture in pixels, even.",
        SpecLimits.MinimumHeight,
        SpecLimits.MaximumHeight,
        Video.Height,
        "pixels",
        Even: true
    );

    public static readonly WholeNumberField Framerate = new(
        "framerate",
        "Frames per second.",
        SpecLimits.MinimumFramerate,
        SpecLimits.MaximumFramerate,
        Video.Framerate,
        "frames per second"
    );

    public static readonly WholeNumberField KeyframeInterval = new(
        "keyframe_interval",
        "The greatest distance of two key frames, in frames; where it is absent, what is streamed or has a live playlist has one every two seconds besides.",
        1,
        SpecLimits.MaximumKeyframeInterval,
        Video.KeyframeInterval,
        "frames"
    );

    public static readonly WholeNumberField AudioBitrate = new(
        "audio_bitrate",
        "Audio bit rate in kbit/s.",
        SpecLimits.MinimumAudioBitrate,
        SpecLimits.MaximumAudioBitrate,
        Audio.Bitrate,
        "kbit/s"
    );

    public static readonly ChoiceField<RecordingMode> Mode = new(
        "mode",
        "Where the encoded media goes.",
        RecordingMode.Record
    );

    public static readonly ChoiceField<EncoderPreset> Preset = new(
        "preset",
        "The speed preset of the H.264 encoder.",
        Video.Preset
    );

    public static readonly ChoiceField<EncoderProfile> Profile = new("profile", "The H.264 profile.", Video.Profile);

    public static readonly ChoiceField<RecordContainer> Container = new(
        "container",
        "The container of the record; m4a, ogg, mp3 and flac need video false, and m4a is the default then.",
        RecordContainer.Mp4
    )
    {
        Served = [RecordContainer.Mp4, RecordContainer.Ts, RecordContainer.Mkv, .. RecordContainers.OfSound],
    };

    public static readonly IReadOnlyList<WholeNumberField> Numbers =
    [
        Bitrate,
        Width,
        Height,
        Framerate,
        KeyframeInterval,
        AudioBitrate,
    ];

    public static readonly IReadOnlyList<IChoiceField> Choices = [Mode, Preset, Profile, Container];

    /// <summary>The names of all fields.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        Name,
        Deliver,
        Labels,
        Webhooks,
        Retention,
        EndFields.End,
        Uri,
        StreamUri,
        StreamUris,
        Hls,
        LocalPeers,
        SoundFields.Video,
        SoundFields.AlsoAudio.Name,
        BeginFields.Begin,
        PageFields.Page,
        .. Choices.Select(field => field.Name),
        .. Numbers.Select(field => field.Name),
    ];
}
