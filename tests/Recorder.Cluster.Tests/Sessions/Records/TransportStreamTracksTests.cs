using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Records;

/// <summary>Whether a transport stream has a picture.</summary>
public sealed class TransportStreamTracksTests
{
    [Theory]
    [InlineData(new byte[] { 0x1B, 0x0F }, true)]
    [InlineData(new byte[] { 0x0F, 0x24 }, true)]
    [InlineData(new byte[] { 0x0F }, false)]
    [InlineData(new byte[0], false)]
    public void The_table_of_the_program_tells_the_kinds_of_its_tracks(byte[] kinds, bool picture)
    {
        byte[] stream = [.. Other(), .. Associations(), .. Other(), .. Map(kinds)];

        Assert.Equal(picture, TransportStreamTracks.HasPicture(stream));
    }

    [Fact]
    public void A_stream_without_tables_tells_nothing()
    {
        Assert.Null(TransportStreamTracks.HasPicture([]));
        Assert.Null(TransportStreamTracks.HasPicture([.. Other(), .. Other()]));
        Assert.Null(TransportStreamTracks.HasPicture([.. Associations(), .. Other()]));
        Assert.Null(TransportStreamTracks.HasPicture([.. Map([0x1B])]));
        Assert.Null(TransportStreamTracks.HasPicture([.. Enumerable.Repeat((byte)0xFF, 4000)]));
    }

    [Fact]
    public void No_stream_of_bytes_breaks_the_reading()
    {
        var random = new Random(7);
        for (var run = 0; run < 2000; run++)
        {
            var stream = new byte[188 * 3];
            random.NextBytes(stream);
            for (var packet = 0; packet < 3; packet++)
            {
                stream[packet * 188] = 0x47;
                stream[(packet * 188) + 1] = 0x40;
                stream[(packet * 188) + 2] = 0;
            }
            _ = TransportStreamTracks.HasPicture(stream);
        }
    }

    private static byte[] Other() => Packet(0x101, []);

    // One program, whose table has the id 0x1000.
    private static byte[] Associations() =>
        Packet(0, [0x00, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xF0, 0x00, 0, 0, 0, 0]);

    private static byte[] Map(byte[] kinds)
    {
        var tracks = kinds.SelectMany((kind, index) => new byte[] { kind, 0xE1, (byte)index, 0xF0, 0 }).ToArray();
        return Packet(
            0x1000,
            [
                .. (byte[])[0x02, 0xB0, (byte)(9 + 2 + tracks.Length + 4), 0, 1, 0xC1, 0, 0, 0xE1, 0x00, 0xF0, 2, 9, 9],
                .. tracks,
                .. new byte[4],
            ]
        );
    }

    private static byte[] Packet(int id, byte[] section)
    {
        byte[] packet = [0x47, (byte)(0x40 | (id >> 8)), (byte)id, 0x10, 0, .. section];
        return [.. packet, .. Enumerable.Repeat((byte)0xFF, 188 - packet.Length)];
    }
}
