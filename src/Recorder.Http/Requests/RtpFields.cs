using System.Globalization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>The fields of <c>data</c> on a start of type <c>rtp</c>. The first two fields have the original's
/// spelling.</summary>
internal static class RtpFields
{
    private const string PortNote = "1024 to 65535, or 0: the node chooses, and the answer says which";

    private static readonly string PayloadTypeNote = string.Create(
        CultureInfo.InvariantCulture,
        $"0 to {SpecLimits.FirstReservedPayloadType - 1} or {SpecLimits.LastReservedPayloadType + 1} to {SpecLimits.MaximumPayloadType}"
    );

    public static readonly WholeNumberField RtpPort = Port(
        "rtpPort",
        $"The UDP port of the picture's RTP: {PortNote}.",
        null
    );

    public static readonly WholeNumberField RtcpPort = Port(
        "rtcpPort",
        $"The UDP port of its RTCP, in both directions: {PortNote}.",
        null
    );

    public static readonly WholeNumberField PayloadType = new(
        "payload_type",
        $"The RTP payload type of the picture: {PayloadTypeNote}.",
        0,
        SpecLimits.MaximumPayloadType,
        96,
        ""
    );

    public static readonly WholeNumberField ClockRate = new(
        "clock_rate",
        "The RTP clock rate of the picture in Hz, the same for all codecs.",
        SpecLimits.VideoClockRate,
        SpecLimits.VideoClockRate,
        SpecLimits.VideoClockRate,
        "Hz"
    )
    {
        Because = "the only clock rate that VP8 (RFC 7741), VP9 (RFC 9628) and H264 (RFC 6184) have in RTP",
    };

    public static readonly WholeNumberField AudioRtpPort = Port(
        "audio_rtp_port",
        $"The UDP port of the sound's RTP, Opus: {PortNote}. Without it there is no sound.",
        0
    );

    public static readonly WholeNumberField AudioRtcpPort = Port(
        "audio_rtcp_port",
        $"The UDP port of its RTCP: {PortNote}.",
        0
    );

    public static readonly WholeNumberField AudioPayloadType = new(
        "audio_payload_type",
        $"The RTP payload type of the sound: {PayloadTypeNote}.",
        0,
        SpecLimits.MaximumPayloadType,
        RtpAudioLeg.DefaultPayloadType,
        ""
    );

    public static readonly ChoiceField<RtpCodec> Codec = new("codec", "The codec of the picture.", RtpCodec.Vp8)
    {
        UpperCase = true,
    };

    public static readonly ChoiceField<RecordContainer> Container = new(
        "container",
        "The container of the record; where it is absent, webm for VP8 and VP9, and mp4 for H264.",
        RecordContainer.Webm
    )
    {
        Served = [RecordContainer.Webm, RecordContainer.Mkv, RecordContainer.Mp4],
    };

    public static readonly IReadOnlyList<WholeNumberField> Numbers =
    [
        RtpPort,
        RtcpPort,
        PayloadType,
        ClockRate,
        AudioRtpPort,
        AudioRtcpPort,
        AudioPayloadType,
    ];

    public static readonly IReadOnlyList<IChoiceField> Choices = [Codec, Container];

    /// <summary>The names of all fields.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        StartFields.Name,
        StartFields.Deliver,
        StartFields.Labels,
        StartFields.Webhooks,
        StartFields.Retention,
        EndFields.End,
        .. Numbers.Select(field => field.Name),
        .. Choices.Select(field => field.Name),
    ];

    private static WholeNumberField Port(string name, string description, int? standard) =>
        new(name, description, 0, SpecLimits.MaximumMediaPort, standard, "");
}
