using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>
/// What a session is to record and how: the immutable form of a start request, made and checked at the edge. All code
/// behind the edge trusts the spec.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(PageSessionSpec), "uri")]
[JsonDerivedType(typeof(RtpSessionSpec), "rtp")]
public abstract record SessionSpec
{
    /// <summary>The container of the record; without meaning while <see cref="WritesRecord"/> is false.</summary>
    public RecordContainer Container { get; init; } = RecordContainer.Mp4;

    /// <summary>The caller's own name for the session, 1 to <see cref="SpecLimits.MaximumNameLength"/> characters without
    /// control characters; null without a name. Several sessions may have the same name.</summary>
    [AddedLater]
    public string? Name { get; init; }

    /// <summary>Where the records go; null: where the options of the nodes send them.</summary>
    [AddedLater]
    public DeliverySpec? Deliver { get; init; }

    /// <summary>How long the records are kept; null: as the options of the nodes say.</summary>
    [AddedLater]
    public RetentionSpec? Retention { get; init; }

    /// <summary>The caller's own labels, by key; at most <see cref="SpecLimits.MaximumLabels"/>, no key twice.</summary>
    [AddedLater]
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>The ids of the receivers of this session's events, which the start has named; at most
    /// <see cref="SpecLimits.MaximumWebhooks"/>. Addresses and secrets are kept with the webhooks, and never in the
    /// journal.</summary>
    [AddedLater]
    public ImmutableList<string> Webhooks { get; init; } = [];

    /// <summary>Who started the session: the owner of the API key. Null for a session that was started without a key,
    /// or by a version without owners. Nothing is written for null, so that the marks of starts stay as they
    /// were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }

    /// <summary>When the session ends by itself; null: only by the farm's own limit. A change of the running session
    /// is in its state. Nothing is written for null, so that the marks of starts stay as they were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EndRules? End { get; init; }

    /// <summary>How long the API key of the start lets the session last, counted as <see cref="EndRules.MaxDuration"/>;
    /// null: the key has no limit. Nothing is written for null, so that the marks of starts stay as they
    /// were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? KeyDuration { get; init; }

    /// <summary>Whether a reader may see the session.</summary>
    /// <param name="owner">The only owner whose sessions the reader sees; null: the reader sees every session.</param>
    public bool IsSeenBy(string? owner) => owner is null || Owner == owner;

    /// <summary>Whether the session has all these labels.</summary>
    /// <param name="labels">The labels; none are on every session.</param>
    public bool HasAll(ImmutableList<SessionLabel> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels.TrueForAll(Labels.Contains);
    }

    /// <summary>Whether the session writes files at all. False for a session that only streams.</summary>
    [JsonIgnore]
    public virtual bool WritesRecord => true;
}

/// <summary>A session of type <c>uri</c>: a browser joins a web page, and its picture and sound are recorded.</summary>
/// <param name="Page">The absolute <c>http</c> or <c>https</c> address that the browser opens.</param>
public sealed record PageSessionSpec(Uri Page) : SessionSpec
{
    /// <summary>Where the encoded media goes.</summary>
    public RecordingMode Mode { get; init; } = RecordingMode.Record;

    /// <summary>
    /// The targets to stream to from the start, no two the same, at most
    /// <see cref="SpecLimits.MaximumStreamTargets"/>. The modes <see cref="RecordingMode.Stream"/> and
    /// <see cref="RecordingMode.Both"/> need at least one target; <see cref="RecordingMode.Record"/> has none.
    /// </summary>
    [AddedLater]
    public ImmutableList<StreamTarget> StreamTargets { get; init; } = [];

    /// <summary>Whether a live HLS playlist is kept beside each record, under the names in <see cref="HlsFiles"/>.
    /// Needs a record.</summary>
    [AddedLater]
    public bool Hls { get; init; }

    /// <summary>Whether WebRTC tells the page the addresses of the node's host, as peers of one network need them where
    /// nobody answers mDNS. Otherwise names stand for the addresses. Nothing is written for false, so that the marks of
    /// starts stay as they were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LocalPeers { get; init; }

    /// <summary>Whether the sound alone is recorded. The display is then small, nothing is grabbed, and the container
    /// is
    /// one of <see cref="RecordContainers.OfSound"/>. Nothing is written for false, so that the marks of starts stay as
    /// they were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SoundOnly { get; init; }

    /// <summary>The container of the sound that is kept beside the record in a file of its own; null: none. Needs a
    /// record with a picture. Nothing is written for null, so that the marks of starts stay as they were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RecordContainer? AlsoAudio { get; init; }

    /// <summary>When the record begins; null: as soon as the page is shown. Nothing is written for null, so that the
    /// marks of starts stay as they were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BeginRule? Begin { get; init; }

    /// <summary>How the page is entered and shown; null: as any browser does. Nothing is written for null, so that the
    /// marks of starts stay as they were.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PageSettings? Settings { get; init; }

    /// <summary>The most that the steps into the page may take.</summary>
    [JsonIgnore]
    public TimeSpan StepsTime => Settings?.StepsTime ?? TimeSpan.Zero;

    /// <summary>The spec with a page that has changed.</summary>
    /// <param name="change">The change.</param>
    public PageSessionSpec With(PageChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var settings = Settings ?? new PageSettings();
        return this with
        {
            Page = change.Page ?? Page,
            Settings = change is { Css: null, Layout: null }
                ? Settings
                : settings with
                {
                    Css = Changed(settings.Css, change.Css),
                    Layout = Changed(settings.Layout, change.Layout),
                },
        };
    }

    private static string? Changed(string? before, string? change) => change switch
    {
        null => before,
        "" => null,
        _ => change,
    };

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool WritesRecord => Mode != RecordingMode.Stream;

    /// <summary>Size, rate and encoding of the picture.</summary>
    public VideoSettings Video { get; init; } = new();

    /// <summary>Encoding of the sound.</summary>
    public AudioSettings Audio { get; init; } = new();
}

/// <summary>Size, rate and encoding of the picture. The defaults are those of the original recorder.</summary>
public sealed record VideoSettings
{
    /// <summary>The display of a session that records sound alone. Pages lay themselves out for a small screen, and
    /// painting costs next to nothing.</summary>
    public static VideoSettings OfSoundAlone { get; } =
        new()
        {
            Width = 640,
            Height = 360,
            Framerate = 5,
        };

    /// <summary>Width in pixels, even, <see cref="SpecLimits.MinimumWidth"/> to
    /// <see cref="SpecLimits.MaximumWidth"/>.</summary>
    public int Width { get; init; } = 1920;

    /// <summary>Height in pixels, even, <see cref="SpecLimits.MinimumHeight"/> to
    /// <see cref="SpecLimits.MaximumHeight"/>.</summary>
    public int Height { get; init; } = 1080;

    /// <summary>Frames per second, <see cref="SpecLimits.MinimumFramerate"/> to
    /// <see cref="SpecLimits.MaximumFramerate"/>.</summary>
    public int Framerate { get; init; } = 25;

    /// <summary>Bit rate in kbit/s, <see cref="SpecLimits.MinimumVideoBitrate"/> to
    /// <see cref="SpecLimits.MaximumVideoBitrate"/>.</summary>
    public int Bitrate { get; init; } = 6000;

    /// <summary>The speed preset of the H.264 encoder.</summary>
    public EncoderPreset Preset { get; init; } = EncoderPreset.Ultrafast;

    /// <summary>The H.264 profile.</summary>
    public EncoderProfile Profile { get; init; } = EncoderProfile.Baseline;

    /// <summary>The greatest distance between two key frames, in frames, 1 to
    /// <see cref="SpecLimits.MaximumKeyframeInterval"/>.</summary>
    public int KeyframeInterval { get; init; } = 60;

    /// <summary>Whether the caller asked for that distance. If not, live outputs get an additional key frame every 2
    /// s.</summary>
    [AddedLater]
    public bool KeyframeIntervalAsked { get; init; }
}

/// <summary>Encoding of the sound: AAC, stereo, 48 kHz.</summary>
public sealed record AudioSettings
{
    /// <summary>Bit rate in kbit/s, <see cref="SpecLimits.MinimumAudioBitrate"/> to
    /// <see cref="SpecLimits.MaximumAudioBitrate"/>.</summary>
    public int Bitrate { get; init; } = 256;
}

/// <summary>Where the encoded media of a session goes.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RecordingMode>))]
public enum RecordingMode
{
    /// <summary>Into a file.</summary>
    Record,

    /// <summary>To stream targets only; there is no file.</summary>
    Stream,

    /// <summary>Into a file and to stream targets.</summary>
    Both,
}

/// <summary>The container of a record.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RecordContainer>))]
public enum RecordContainer
{
    /// <summary>MP4: fragments while it grows, fast-start when it is finished.</summary>
    Mp4,

    /// <summary>MPEG transport stream.</summary>
    Ts,

    /// <summary>Matroska.</summary>
    Mkv,

    /// <summary>WebM; for VP8 or VP9 of an RTP session only.</summary>
    Webm,

    /// <summary>MP4 with sound alone: AAC.</summary>
    M4a,

    /// <summary>Ogg with sound alone: Opus.</summary>
    Ogg,

    /// <summary>MP3, which has sound alone.</summary>
    Mp3,

    /// <summary>FLAC, which has sound alone and loses nothing.</summary>
    Flac,
}

/// <summary>What the containers of records hold.</summary>
public static class RecordContainers
{
    /// <summary>The containers that hold sound alone.</summary>
    public static ImmutableList<RecordContainer> OfSound { get; } =
        [RecordContainer.M4a, RecordContainer.Ogg, RecordContainer.Mp3, RecordContainer.Flac];

    /// <summary>Whether a container holds sound alone.</summary>
    public static bool IsOfSound(this RecordContainer container) => container >= RecordContainer.M4a;

    /// <summary>The ending of a file in this container, without a dot.</summary>
    public static string Ending(this RecordContainer container) => container.ToString().ToLowerInvariant();

    /// <summary>The path of the sound that is kept beside a record.</summary>
    /// <param name="record">The path or name of the record.</param>
    /// <param name="container">A container of sound.</param>
    public static string SoundBeside(string record, RecordContainer container) => $"{record}.{container.Ending()}";
}

/// <summary>Speed presets of x264, fastest first.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<EncoderPreset>))]
public enum EncoderPreset
{
    /// <summary>The default of the original recorder.</summary>
    Ultrafast,

    /// <summary>One step slower than ultrafast.</summary>
    Superfast,

    /// <summary>Two steps slower than ultrafast.</summary>
    Veryfast,

    /// <summary>Three steps slower than ultrafast.</summary>
    Faster,

    /// <summary>Four steps slower than ultrafast.</summary>
    Fast,

    /// <summary>Five steps slower than ultrafast, x264's own default.</summary>
    Medium,
}

/// <summary>H.264 profiles.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<EncoderProfile>))]
public enum EncoderProfile
{
    /// <summary>Constrained baseline: plays everywhere; the default of the original recorder.</summary>
    Baseline,

    /// <summary>Main.</summary>
    Main,

    /// <summary>High.</summary>
    High,
}

/// <summary>The allowed ranges of a spec. They are checked at the edge, and stated in its answers and in
/// OpenAPI.</summary>
public static class SpecLimits
{
    /// <summary>The smallest width, in pixels.</summary>
    public const int MinimumWidth = 160;

    /// <summary>The greatest width, in pixels.</summary>
    public const int MaximumWidth = 3840;

    /// <summary>The smallest height, in pixels.</summary>
    public const int MinimumHeight = 120;

    /// <summary>The greatest height, in pixels.</summary>
    public const int MaximumHeight = 2160;

    /// <summary>The lowest frame rate, in frames per second.</summary>
    public const int MinimumFramerate = 1;

    /// <summary>The highest frame rate, in frames per second.</summary>
    public const int MaximumFramerate = 60;

    /// <summary>The lowest video bit rate, in kbit/s.</summary>
    public const int MinimumVideoBitrate = 50;

    /// <summary>The highest video bit rate, in kbit/s.</summary>
    public const int MaximumVideoBitrate = 100_000;

    /// <summary>The lowest audio bit rate, in kbit/s.</summary>
    public const int MinimumAudioBitrate = 32;

    /// <summary>The highest audio bit rate, in kbit/s: what AAC-LC carries in stereo at 48 kHz.</summary>
    public const int MaximumAudioBitrate = 320;

    /// <summary>The longest distance between two key frames, in frames.</summary>
    public const int MaximumKeyframeInterval = 1000;

    /// <summary>The longest name of a session, in characters.</summary>
    public const int MaximumNameLength = 200;

    /// <summary>The greatest number of destinations of a session's records.</summary>
    public const int MaximumDestinations = 16;

    /// <summary>The greatest number of receivers of events that a start names.</summary>
    public const int MaximumWebhooks = 8;

    /// <summary>The greatest number of labels of a session.</summary>
    public const int MaximumLabels = 32;

    /// <summary>The longest key of a label, in characters.</summary>
    public const int MaximumLabelKeyLength = 63;

    /// <summary>The longest value of a label, in characters.</summary>
    public const int MaximumLabelValueLength = 256;

    /// <summary>The longest CSS selector, in characters.</summary>
    public const int MaximumSelectorLength = 1024;

    /// <summary>The greatest number of headers for a page.</summary>
    public const int MaximumHeaders = 32;

    /// <summary>The greatest number of cookies for a page.</summary>
    public const int MaximumCookies = 64;

    /// <summary>The greatest number of entries of local storages, of all origins together.</summary>
    public const int MaximumStorage = 64;

    /// <summary>The greatest number of steps to enter a page.</summary>
    public const int MaximumSteps = 64;

    /// <summary>The greatest number of hosts whose certificates need not be trusted.</summary>
    public const int MaximumUntrustedHosts = 16;

    /// <summary>The longest value of a header, a cookie, a local storage or a field, in characters.</summary>
    public const int MaximumValueLength = 16_384;

    /// <summary>The longest style sheet of a caller, in characters.</summary>
    public const int MaximumStyleLength = 32_768;

    /// <summary>The most layouts of a page.</summary>
    public const int MaximumLayouts = 20;

    /// <summary>The smallest scale of a page.</summary>
    public const double MinimumScale = 0.25;

    /// <summary>The greatest scale of a page.</summary>
    public const double MaximumScale = 5;

    /// <summary>The longest script of a caller, in characters.</summary>
    public const int MaximumScriptLength = 16_384;

    /// <summary>The greatest number of texts that a page is searched for.</summary>
    public const int MaximumTexts = 16;

    /// <summary>The longest text that a page is searched for, in characters.</summary>
    public const int MaximumTextLength = 256;

    /// <summary>The longest address of a page, in characters.</summary>
    public const int MaximumUriLength = 8192;

    /// <summary>The longest address of a stream target, in characters.</summary>
    public const int MaximumStreamUriLength = 2048;

    /// <summary>The greatest number of stream targets that a session has at once.</summary>
    public const int MaximumStreamTargets = 16;

    /// <summary>The lowest port for receiving media, besides 0 for a port of the node's choice. The lower ports
    /// belong to the system.</summary>
    public const int MinimumMediaPort = 1024;

    /// <summary>The highest port.</summary>
    public const int MaximumMediaPort = 65_535;

    /// <summary>The highest RTP payload type (RFC 3550, 7 bits).</summary>
    public const int MaximumPayloadType = 127;

    /// <summary>The lowest reserved RTP payload type. From here to <see cref="LastReservedPayloadType"/>, packets
    /// look like RTCP (RFC 5761).</summary>
    public const int FirstReservedPayloadType = 64;

    /// <summary>The highest reserved RTP payload type.</summary>
    public const int LastReservedPayloadType = 95;

    /// <summary>The RTP clock rate of every received picture, in Hz. RFC 7741 (VP8), RFC 9628 (VP9) and RFC 6184
    /// (H.264) allow no other rate.</summary>
    public const int VideoClockRate = 90_000;
}
