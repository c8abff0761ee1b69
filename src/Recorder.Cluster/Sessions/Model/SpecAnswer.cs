using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>What a session records, as shown by the API and by the manifests of records: the fields of its start,
/// with every default filled in.</summary>
/// <param name="Container">The container of the record.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(PageSpecAnswer), "uri")]
[JsonDerivedType(typeof(RtpSpecAnswer), "rtp")]
public abstract record SpecAnswer(RecordContainer Container)
{
    /// <summary>The caller's own name for the session; null without a name.</summary>
    [AddedLater]
    [JsonRequired]
    public string? Name { get; init; }

    /// <summary>The caller's own labels for the session; empty without labels.</summary>
    [AddedLater]
    [JsonRequired]
    public ImmutableSortedDictionary<string, string> Labels { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where the records go; null: where the options of the nodes send them.</summary>
    [AddedLater]
    [JsonRequired]
    public ImmutableList<DeliveryOrderAnswer>? Deliver { get; init; }

    /// <summary>How long the records are kept; null: as the options of the nodes say.</summary>
    [AddedLater]
    [JsonRequired]
    public RetentionAnswer? Retention { get; init; }

    /// <summary>When the session was to end by itself, as its start said; left out without rules.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EndRulesAnswer? End { get; init; }

    /// <summary>The spec without anything that grants access.</summary>
    /// <param name="spec">What a session records.</param>
    public static SpecAnswer Of(SessionSpec spec) => Of(spec, AddressRedaction.Of);

    /// <summary>The spec without anything that grants access to its streams.</summary>
    /// <param name="spec">What a session records.</param>
    /// <param name="address">How the address of the page is shown.</param>
    /// <exception cref="ArgumentOutOfRangeException">The spec is of a kind that has no answer.</exception>
    public static SpecAnswer Of(SessionSpec spec, Func<Uri, string> address)
    {
        ArgumentNullException.ThrowIfNull(address);
        SpecAnswer answer = spec switch
        {
            PageSessionSpec page => new PageSpecAnswer(
                address(page.Page),
                page.Mode,
                [.. page.StreamTargets.Select(target => target.Redacted)],
                page.Hls,
                page.Video.Width,
                page.Video.Height,
                page.Video.Framerate,
                page.Video.Bitrate,
                page.Video.Preset,
                page.Video.Profile,
                page.Video.KeyframeInterval,
                page.Audio.Bitrate,
                page.Container
            )
            {
                Begin = BeginRuleAnswer.Of(page.Begin),
                Page = PageSettingsAnswer.Of(page.Settings),
                LocalPeers = page.LocalPeers,
                SoundOnly = page.SoundOnly,
                AlsoAudio = page.AlsoAudio,
            },
            RtpSessionSpec rtp => new RtpSpecAnswer(
                rtp.RtpPort,
                rtp.RtcpPort,
                rtp.Codec,
                rtp.PayloadType,
                rtp.ClockRate,
                rtp.Audio?.RtpPort,
                rtp.Audio?.RtcpPort,
                rtp.Audio?.PayloadType,
                rtp.Container
            ),
            _ => throw new ArgumentOutOfRangeException(
                nameof(spec),
                spec?.GetType(),
                "No answer tells of this kind of session."
            ),
        };
        return answer with
        {
            Name = spec.Name,
            Labels = LabelsOf(spec),
            End = EndRulesAnswer.Of(spec.End),
            Retention = spec.Retention is { } retention ? new RetentionAnswer(retention.Age?.TotalDays) : null,
            Deliver = spec.Deliver?.Orders.ConvertAll(order => new DeliveryOrderAnswer(
                order.To,
                order.Name,
                order.What
            )),
        };
    }

    /// <summary>The labels of a session by their keys, in the order of the keys' characters.</summary>
    /// <param name="spec">What a session records.</param>
    public static ImmutableSortedDictionary<string, string> LabelsOf(SessionSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Labels.ToImmutableSortedDictionary(
            label => label.Key,
            label => label.Value,
            StringComparer.Ordinal
        );
    }
}

/// <summary>What a session of type uri records.</summary>
/// <param name="Uri">The page. A name and password in the address are hidden. Query and fragment are hidden from a
/// key of the scope Read and in manifests.</param>
/// <param name="Mode">Where the encoded media goes.</param>
/// <param name="StreamTargets">The stream targets that the session was started with; their keys are hidden.</param>
/// <param name="Hls">Whether a live playlist is kept beside the record.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Framerate">Frames per second.</param>
/// <param name="Bitrate">Video bit rate in kbit/s.</param>
/// <param name="Preset">The speed preset of the H.264 encoder.</param>
/// <param name="Profile">The H.264 profile.</param>
/// <param name="KeyframeInterval">The greatest distance between two key frames, in frames.</param>
/// <param name="AudioBitrate">Audio bit rate in kbit/s.</param>
/// <param name="Container">The container of the record.</param>
public sealed record PageSpecAnswer(
    string Uri,
    RecordingMode Mode,
    ImmutableList<string> StreamTargets,
    bool Hls,
    int Width,
    int Height,
    int Framerate,
    int Bitrate,
    EncoderPreset Preset,
    EncoderProfile Profile,
    int KeyframeInterval,
    int AudioBitrate,
    RecordContainer Container
) : SpecAnswer(Container)
{
    /// <summary>When the record begins; left out when the record begins as soon as the page is shown.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BeginRuleAnswer? Begin { get; init; }

    /// <summary>How the page is entered and shown; left out without settings.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PageSettingsAnswer? Page { get; init; }

    /// <summary>Whether WebRTC tells the page the addresses of the node's host; left out where it does not.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LocalPeers { get; init; }

    /// <summary>Whether the sound alone is recorded (<c>video: false</c> of the start); left out where it is not. The
    /// size is then that of the display.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SoundOnly { get; init; }

    /// <summary>The container of the sound beside the record; left out without such sound.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RecordContainer? AlsoAudio { get; init; }
}

/// <summary>What a session of type rtp records. The bound ports are in the session's endpoint.</summary>
/// <param name="RtpPort">The requested port for the picture's RTP; 0 for a port of the node's choice.</param>
/// <param name="RtcpPort">The requested port for the picture's RTCP; 0 for a port of the node's choice.</param>
/// <param name="Codec">The codec of the picture.</param>
/// <param name="PayloadType">The picture's RTP payload type.</param>
/// <param name="ClockRate">The picture's RTP clock rate in Hz.</param>
/// <param name="AudioRtpPort">The requested port for the sound's RTP, in the same way; null without sound.</param>
/// <param name="AudioRtcpPort">The requested port for the sound's RTCP.</param>
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
    RecordContainer Container
) : SpecAnswer(Container);

/// <summary>One destination of a session's records, without the caller's addresses.</summary>
/// <param name="To">The name of the destination.</param>
/// <param name="Name">The template of the records' names there; null: the destination's own.</param>
/// <param name="What">The files that go there; empty: the destination's own choice.</param>
public sealed record DeliveryOrderAnswer(string To, string? Name, ImmutableList<DeliveredFile> What);

/// <summary>How long the records of a session are kept, as its start said.</summary>
/// <param name="Days">How many days each record is kept after its end; null: until somebody erases it.</param>
public sealed record RetentionAnswer(double? Days);
