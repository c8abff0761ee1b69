using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>Reads the <c>data</c> of a start of type <c>rtp</c>. Pure.</summary>
internal static class RtpRequestParser
{
    /// <summary>Reads the fields.</summary>
    public static RtpSessionSpec Parse(JsonFields data)
    {
        data.Allow(RtpFields.Names);
        var ports = new Ports(data);
        var codec = data.Choice(RtpFields.Codec);
        return new RtpSessionSpec(ports.Read(RtpFields.RtpPort), ports.Read(RtpFields.RtcpPort))
        {
            Codec = codec,
            PayloadType = PayloadType(data, RtpFields.PayloadType),
            ClockRate = data.Whole(RtpFields.ClockRate),
            Container = Container(data, codec),
            Audio = Audio(data, ports),
        };
    }

    private static int PayloadType(JsonFields data, WholeNumberField field)
    {
        var type = data.Whole(field);
        if (type is >= SpecLimits.FirstReservedPayloadType and <= SpecLimits.LastReservedPayloadType)
        {
            data.Refuse(
                field.Name,
                $"data.{field.Name} is {type}; packets of the types {SpecLimits.FirstReservedPayloadType} to {SpecLimits.LastReservedPayloadType} cannot be told from RTCP "
                    + $"(RFC 5761). Let the sender use one from {SpecLimits.LastReservedPayloadType + 1} to {SpecLimits.MaximumPayloadType}."
            );
        }

        return type;
    }

    private static RecordContainer Container(JsonFields data, RtpCodec codec)
    {
        RecordContainer[] fitting =
            codec == RtpCodec.H264
                ? [RecordContainer.Mp4, RecordContainer.Mkv]
                : [RecordContainer.Webm, RecordContainer.Mkv];
        if (!data.Has(RtpFields.Container.Name))
        {
            return fitting[0];
        }
        var container = data.Choice(RtpFields.Container);
        if (!fitting.Contains(container) && data.Sound(RtpFields.Codec.Name, RtpFields.Container.Name))
        {
            var served = string.Join(" or ", fitting.Select(RtpFields.Container.Word));
            data.Refuse(
                RtpFields.Container.Name,
                $"data.container must be {served} for {RtpFields.Codec.Word(codec)}, which is written as it is received, without encoding."
            );
        }

        return container;
    }

    private static RtpAudioLeg? Audio(JsonFields data, Ports ports)
    {
        if (data.Has(RtpFields.AudioRtpPort.Name))
        {
            return new RtpAudioLeg(
                ports.Read(RtpFields.AudioRtpPort),
                ports.Read(RtpFields.AudioRtcpPort),
                PayloadType(data, RtpFields.AudioPayloadType)
            );
        }
        foreach (
            var field in new[] { RtpFields.AudioRtcpPort, RtpFields.AudioPayloadType }.Where(field =>
                data.Has(field.Name)
            )
        )
        {
            data.Refuse(
                field.Name,
                $"data.{field.Name} is of no use without data.{RtpFields.AudioRtpPort.Name}; give both or none."
            );
        }
        return null;
    }

    /// <summary>Reads ports, and refuses equal ports.</summary>
    private sealed class Ports(JsonFields data)
    {
        private readonly Dictionary<int, string> _taken = [];

        public int Read(WholeNumberField field)
        {
            var port = data.Whole(field);
            if (port is > 0 and < SpecLimits.MinimumMediaPort)
            {
                data.Refuse(
                    field.Name,
                    $"data.{field.Name} must be from {SpecLimits.MinimumMediaPort} to {SpecLimits.MaximumMediaPort}, or 0 for a port of the node's choice; "
                        + $"the ports below {SpecLimits.MinimumMediaPort} belong to the system."
                );
            }
            else if (port > 0 && !_taken.TryAdd(port, field.Name))
            {
                data.Refuse(
                    field.Name,
                    $"data.{field.Name} is {port}, and so is data.{_taken[port]}; each needs a port of its own."
                );
            }

            return port;
        }
    }
}
