namespace Recorder.Worker.Files.Matroska;

/// <summary>Ids of Matroska's elements, as they are written in a file. The names are those of RFC 9559 or
/// similar.</summary>
internal static class MatroskaId
{
    public const uint Void = 0xEC;

    public const uint Header = 0x1A45DFA3;
    public const uint HeaderVersion = 0x4286;
    public const uint HeaderReadVersion = 0x42F7;
    public const uint LongestId = 0x42F2;
    public const uint LongestLength = 0x42F3;
    public const uint DocumentType = 0x4282;
    public const uint DocumentTypeVersion = 0x4287;
    public const uint DocumentTypeReadVersion = 0x4285;

    public const uint Segment = 0x18538067;
    public const uint SeekHead = 0x114D9B74;
    public const uint Seek = 0x4DBB;
    public const uint SeekId = 0x53AB;
    public const uint SeekPosition = 0x53AC;

    public const uint Information = 0x1549A966;
    public const uint TimestampScale = 0x2AD7B1;
    public const uint Duration = 0x4489;
    public const uint Date = 0x4461;
    public const uint MuxingApplication = 0x4D80;
    public const uint WritingApplication = 0x5741;

    public const uint Tracks = 0x1654AE6B;
    public const uint Track = 0xAE;
    public const uint TrackNumber = 0xD7;
    public const uint TrackUid = 0x73C5;
    public const uint TrackType = 0x83;
    public const uint Lacing = 0x9C;
    public const uint Codec = 0x86;
    public const uint CodecPrivate = 0x63A2;
    public const uint SeekPreRoll = 0x56BB;
    public const uint Video = 0xE0;
    public const uint PixelWidth = 0xB0;
    public const uint PixelHeight = 0xBA;
    public const uint Audio = 0xE1;
    public const uint SamplingFrequency = 0xB5;
    public const uint Channels = 0x9F;

    public const uint Cluster = 0x1F43B675;
    public const uint Timestamp = 0xE7;
    public const uint SimpleBlock = 0xA3;
    public const uint BlockGroup = 0xA0;
    public const uint Block = 0xA1;

    public const uint Chapters = 0x1043A770;
    public const uint Edition = 0x45B9;
    public const uint Chapter = 0xB6;
    public const uint ChapterUid = 0x73C4;
    public const uint ChapterStart = 0x91;
    public const uint ChapterDisplay = 0x80;
    public const uint ChapterTitle = 0x85;
    public const uint ChapterLanguage = 0x437C;

    public const uint Cues = 0x1C53BB6B;
    public const uint CuePoint = 0xBB;
    public const uint CueTime = 0xB3;
    public const uint CueTrackPositions = 0xB7;
    public const uint CueTrack = 0xF7;
    public const uint CueClusterPosition = 0xF1;
}
