using Recorder.Harness.Fuzzing;
using Recorder.Worker.Rtp;

namespace Recorder.Worker.Tests.Rtp;

/// <summary>Datagrams from anybody.</summary>
public sealed class RtpFuzzTests
{
    private static readonly byte[] Packet =
    [
        0x90, 0x60, 0x12, 0x34, 0, 0, 1, 0, 1, 2, 3, 4, 0xBE, 0xDE, 0, 1, 0x10, 7, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ];

    private static readonly byte[] Report =
    [
        0x80, 200, 0, 6, 1, 2, 3, 4, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 1, 0,
        0x81, 202, 0, 3, 1, 2, 3, 4, 1, 3, 97, 98, 99, 0, 0, 0,
        0x81, 203, 0, 1, 1, 2, 3, 4,
    ];

    [Fact]
    public void A_changed_datagram_is_read_or_left_out()
    {
        var random = new Random(FuzzSize.Seed);
        var (packets, reports) = (0, 0);
        for (var number = 0; number < FuzzSize.Of(20_000); number++)
        {
            var datagram = MutatedBytes.Of(random, number % 2 == 0 ? Packet : Report);
            if (RtpPacket.Read(datagram) is { Kind: RtpPacketKind.Rtp, PayloadType: >= 0 and <= 127 })
            {
                packets++;
            }
            reports += RtcpContent.Read(datagram).Reports.Count;
        }

        Assert.True(packets > 1_000 && reports > 1_000, $"{packets} packets and {reports} reports were read.");
    }
}
