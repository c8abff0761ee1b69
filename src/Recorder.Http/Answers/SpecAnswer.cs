using System.Text.Json.Serialization;

using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>What a session records.</summary>
/// <param name="Container">The container of the record.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(PageSpecAnswer), "uri")]
[JsonDerivedType(typeof(RtpSpecAnswer), "rtp")]
public abstract record SpecAnswer(RecordContainer Container);

/// <summary>What a session of type uri records.</summary>
/// <param name="Uri">The page; a name and password in the address are hidden, and from a key of the scope Read its query and fragment.</param>
/// <param name="Mode">Where the encoded media goes.</param>
/// <param name="StreamTargets">The stream targets it was started with; their keys are hidden.</param>
/// <param name="Hls">Whether a live playlist is kept beside the record.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Framerate">Frames per second.</param>
/// <param name="Bitrate">Video bit rate in kbit/s.</param>
/// <param name="Preset">The speed preset of the H.264 encoder.</param>
/// <param name="Profile">The H.264 profile.</param>
/// <param name="KeyframeInterval">The greatest distance of two key frames, in frames.</param>
/// <param name="AudioBitrate">Audio bit rate in kbit/s.</param>
/// <param name="Container">The container of the record.</param>
public sealed record PageSpecAnswer(
    string Uri,
    RecordingMode Mode,
    IReadOnlyList<string> StreamTargets,
    bool Hls,
    int Width,
    int Height,
    int Framerate,
    int Bitrate,
    EncoderPreset Preset,
    EncoderProfile Profile,
    int KeyframeInterval,
    int AudioBitrate,
    RecordContainer Container) : SpecAnswer(Container);

/// <summary>What a session of type rtp records. The ports that are bound stand in the session's endpoint.</summary>
/// <param name="RtpPort">The port that was asked for the picture's RTP; 0 for one of the node's choice.</param>
/// <param name="RtcpPort">The port of its RTCP, likewise.</param>
/// <param name="Codec">The codec of the picture.</param>
/// <param name="PayloadType">Its RTP payload type.</param>
/// <param name="ClockRate">Its RTP clock rate in Hz.</param>
/// <param name="AudioRtpPort">The port of the sound's RTP, likewise; null without sound.</param>
/// <param name="AudioRtcpPort">The port of its RTCP.</param>
/// <param name="AudioPayloadType">The RTP payload type of the sound.</param>
/// <param name="Container">The container of the record.</param>
public sealed record RtpSpecAnswer(
    int RtpPort,
    int RtcpPort,
    RtpCodec Codec,
    int PayloadType,
    int ClockRate,
    int? AudioRtpPort,
    int? AudioRtcpPort,
    int? AudioPayloadType,
    RecordContainer Container) : SpecAnswer(Container);
