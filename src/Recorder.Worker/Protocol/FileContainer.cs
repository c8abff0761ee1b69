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

    /// <summary>MP4 with sound alone, AAC.</summary>
    M4a,

    /// <summary>Ogg with sound alone, Opus.</summary>
    Ogg,

    /// <summary>Sound alone, MPEG-1 layer 3 of a constant bit rate.</summary>
    Mp3,

    /// <summary>Sound alone, without loss.</summary>
    Flac,
}

/// <summary>What the containers of records hold.</summary>
public static class FileContainers
{
    /// <summary>The containers of sound alone, each with the ending of its files.</summary>
    public static IReadOnlyDictionary<FileContainer, string> OfSound { get; } =
        new Dictionary<FileContainer, string>
        {
            [FileContainer.M4a] = ".m4a",
            [FileContainer.Ogg] = ".ogg",
            [FileContainer.Mp3] = ".mp3",
            [FileContainer.Flac] = ".flac",
        };

    /// <summary>The path of the sound that is kept beside a record.</summary>
    /// <param name="recordPath">The record.</param>
    /// <param name="container">A container of sound.</param>
    public static string SoundBeside(string recordPath, FileContainer container) =>
        recordPath + OfSound[container];
}
