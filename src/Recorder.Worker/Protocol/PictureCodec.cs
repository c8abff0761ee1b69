using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>Codecs of a received picture.</summary>
[JsonConverter(typeof(LineEnumConverter<PictureCodec>))]
public enum PictureCodec
{
    /// <summary>VP8 (RFC 7741).</summary>
    Vp8,

    /// <summary>VP9 (RFC 9628).</summary>
    Vp9,

    /// <summary>H.264 (RFC 6184).</summary>
    H264,
}
