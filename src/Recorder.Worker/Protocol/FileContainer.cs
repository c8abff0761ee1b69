using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>The container of a record's file.</summary>
[JsonConverter(typeof(LineEnumConverter<FileContainer>))]
public enum FileContainer
{
    /// <summary>MP4: in fragments while the file grows, fast-start when the file is finished.</summary>
    Mp4,

    /// <summary>MPEG transport stream.</summary>
    Ts,

    /// <summary>Matroska.</summary>
    Mkv,

    /// <summary>WebM; only for received VP8 or VP9.</summary>
    Webm,
}
