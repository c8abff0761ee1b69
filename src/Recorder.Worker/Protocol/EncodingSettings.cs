using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>Size, rate and encoding of a page's picture.</summary>
public sealed record PictureSettings
{
    /// <summary>Width in pixels, even, at most the display's.</summary>
    public required int Width { get; init; }

    /// <summary>Height in pixels, even, at most the display's.</summary>
    public required int Height { get; init; }

    /// <summary>Frames a second, 1–120, which is also the rate of the display's RandR mode.</summary>
    public required int Framerate { get; init; }

    /// <summary>Bit rate in kbit/s.</summary>
    public required int Bitrate { get; init; }

    /// <summary>x264's speed preset, <c>ultrafast</c> … <c>placebo</c>.</summary>
    public required string Preset { get; init; }

    /// <summary>H.264 profile: <c>baseline</c>, <c>main</c> or <c>high</c>.</summary>
    public required string Profile { get; init; }

    /// <summary>The largest number of frames between two key frames.</summary>
    public required int KeyframeInterval { get; init; }

    /// <summary>Whether there is a key frame every 2 s, in addition to those of <see cref="KeyframeInterval"/>, while
    /// the page is played live by stream or playlist.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LiveKeyFrames { get; init; }
}

/// <summary>Encoding of a page's sound: AAC, stereo, 48 kHz.</summary>
public sealed record SoundSettings
{
    /// <summary>Bit rate in kbit/s.</summary>
    public required int Bitrate { get; init; }
}
