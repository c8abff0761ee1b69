using System.Text.Json.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>
/// A session of type <c>rtp</c>: a sender sends media to ports of the node, and the media is written into the record
/// without encoding. The container is WebM for VP8 and VP9 (Matroska on request), and MP4 or Matroska for H.264.
/// </summary>
/// <param name="RtpPort">The UDP port of the picture's RTP, <see cref="SpecLimits.MinimumMediaPort"/> to
/// <see cref="SpecLimits.MaximumMediaPort"/>. With 0 the node chooses.</param>
/// <param name="RtcpPort">The UDP port of the picture's RTCP, in both directions, in the same range. With 0 the node
/// chooses. No two ports of a session are the same.</param>
public sealed record RtpSessionSpec(int RtpPort, int RtcpPort) : SessionSpec
{
    /// <summary>The picture's codec.</summary>
    public RtpCodec Codec { get; init; } = RtpCodec.Vp8;

    /// <summary>
    /// The RTP payload type of the picture: 0 to <see cref="SpecLimits.MaximumPayloadType"/>, except
    /// <see cref="SpecLimits.FirstReservedPayloadType"/> to <see cref="SpecLimits.LastReservedPayloadType"/>.
    /// </summary>
    public int PayloadType { get; init; } = 96;

    /// <summary>The RTP clock rate of the picture in Hz: <see cref="SpecLimits.VideoClockRate"/>.</summary>
    public int ClockRate { get; init; } = SpecLimits.VideoClockRate;

    /// <summary>The sound, or null: picture only.</summary>
    public RtpAudioLeg? Audio { get; init; }
}

/// <summary>The sound of an RTP session: Opus, 48 kHz (RFC 7587), on ports of its own.</summary>
/// <param name="RtpPort">As <see cref="RtpSessionSpec.RtpPort"/>.</param>
/// <param name="RtcpPort">As <see cref="RtpSessionSpec.RtcpPort"/>.</param>
/// <param name="PayloadType">As <see cref="RtpSessionSpec.PayloadType"/>.</param>
public sealed record RtpAudioLeg(int RtpPort, int RtcpPort, int PayloadType = RtpAudioLeg.DefaultPayloadType)
{
    /// <summary>The payload type that browsers use for Opus.</summary>
    public const int DefaultPayloadType = 111;
}

/// <summary>Codecs of the picture of an RTP session.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RtpCodec>))]
public enum RtpCodec
{
    /// <summary>VP8 (RFC 7741); the codec of the original recorder.</summary>
    Vp8,

    /// <summary>VP9 (RFC 9628).</summary>
    Vp9,

    /// <summary>H.264 (RFC 6184).</summary>
    H264,
}

/// <summary>Where an RTP session receives: what its sender must know.</summary>
/// <param name="Host">The name or address of the node, as a sender can reach it.</param>
/// <param name="RtpPort">The bound port of the picture's RTP.</param>
/// <param name="RtcpPort">The bound port of the picture's RTCP.</param>
/// <param name="AudioRtpPort">The bound port of the sound's RTP, or null without sound.</param>
/// <param name="AudioRtcpPort">The bound port of the sound's RTCP, or null without sound.</param>
public sealed record RtpEndpoint(string Host, int RtpPort, int RtcpPort, int? AudioRtpPort, int? AudioRtcpPort);
