using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>How a record's file is packed.</summary>
[JsonConverter(typeof(LineEnumConverter<FileContainer>))]
public enum FileContainer
{
    /// <summary>MP4: fragments while it grows, fast-start when it is finished.</summary>
    Mp4,

    /// <summary>MPEG transport stream.</summary>
    Ts,

    /// <summary>Matroska.</summary>
    Mkv,

    /// <summary>WebM; for VP8 or VP9 that is received only.</summary>
    Webm,
}
