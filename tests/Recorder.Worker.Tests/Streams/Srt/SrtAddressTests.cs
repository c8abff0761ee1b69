using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Recorder.Worker.Streams.Srt;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Worker.Tests.Streams.Srt;

/// <summary>Which SRT addresses are let in, what they mean, and what of them is shown.</summary>
public sealed class SrtAddressTests
{
    public static TheoryData<string, object> Addresses =>
        new()
        {
            { "srt://host:9000", new SrtAddress(false, "host", 9000, 120, null, null, 0) },
            { "srt://host:9000/", new SrtAddress(false, "host", 9000, 120, null, null, 0) },
            { "srt://host:9000/?mode=caller", new SrtAddress(false, "host", 9000, 120, null, null, 0) },
            { "srt://[::1]:1?latency=20", new SrtAddress(false, "::1", 1, 20, null, null, 0) },
            { "srt://10.0.0.7:9000?latency=8000", new SrtAddress(false, "10.0.0.7", 9000, 8000, null, null, 0) },
            {
                "srt://host:9000?streamid=%23!::r=live/key,m=publish",
                new SrtAddress(false, "host", 9000, 120, "#!::r=live/key,m=publish", null, 0)
            },
            {
                "srt://host:9000?streamid=a+b%20c%26d%3D%25%C3%A9",
                new SrtAddress(false, "host", 9000, 120, "a+b c&d=%é", null, 0)
            },
            {
                "srt://host:9000?passphrase=0123456789",
                new SrtAddress(false, "host", 9000, 120, null, "0123456789", 16)
            },
            {
                $"srt://host:9000?passphrase={new string('p', 79)}&pbkeylen=24",
                new SrtAddress(false, "host", 9000, 120, null, new string('p', 79), 24)
            },
            {
                "srt://host:9000?pbkeylen=32&passphrase=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9",
                new SrtAddress(false, "host", 9000, 120, null, "ééééé", 32)
            },
            { "srt://0.0.0.0:1024?mode=listener", new SrtAddress(true, null, 1024, 120, null, null, 0) },
            { "srt://:65535?mode=listener", new SrtAddress(true, null, 65535, 120, null, null, 0) },
            {
                "srt://[::]:9000?mode=listener&passphrase=0123456789&pbkeylen=16",
                new SrtAddress(true, null, 9000, 120, null, "0123456789", 16)
            },
            { "srt://127.0.0.1:9000?mode=listener", new SrtAddress(true, "127.0.0.1", 9000, 120, null, null, 0) },
            { "srt://localhost:9000?mode=listener", new SrtAddress(true, "127.0.0.1", 9000, 120, null, null, 0) },
            { "srt://[::1]:9000?mode=listener", new SrtAddress(true, "::1", 9000, 120, null, null, 0) },
        };

    [Theory]
    [MemberData(nameof(Addresses))]
    public void An_address_is_taken_apart_and_its_parts_are_decoded(string address, object parts)
    {
        Assert.Null(StreamKinds.WhyNot(address));
        Assert.True(SrtAddress.TryParse(address, out var read, out _));
        Assert.Equal(parts, read);
    }

    [Theory]
    [InlineData("srt://host", "port")]
    [InlineData("srt://host:0", "port")]
    [InlineData("srt://host:65536", "port")]
    [InlineData("srt://:9000", "host")]
    [InlineData("srt://", "host")]
    [InlineData("srt://ho!st:9000", "host")]
    [InlineData("srt://host:9000/hush", "path")]
    [InlineData("srt://hush@host:9000", "user")]
    [InlineData("srt://host:9000?", "without a name or a value")]
    [InlineData("srt://host:9000?hush", "without a name or a value")]
    [InlineData("srt://host:9000?latency=120&", "without a name or a value")]
    [InlineData("srt://host:9000?streamid=", "parameter streamid")]
    [InlineData("srt://host:9000?passphrase=hushhushh", "passphrase that is not 10 to 79")]
    [InlineData(
        "srt://host:9000?passphrase=hush0123456789012345678901234567890123456789012345678901234567890123456789012345",
        "passphrase that is not 10 to 79"
    )]
    [InlineData("srt://host:9000?passphrase=hush%00123456789", "parameter passphrase")]
    [InlineData("srt://host:9000?passphrase=hush%FF123456789", "parameter passphrase")]
    [InlineData("srt://host:9000?streamid=hush%0A", "parameter streamid")]
    [InlineData("srt://host:9000?latency=19", "latency that is not a whole number of 20 to 8000")]
    [InlineData("srt://host:9000?latency=8001", "latency")]
    [InlineData("srt://host:9000?latency=1e3", "latency")]
    [InlineData("srt://host:9000?latency=-120", "latency")]
    [InlineData("srt://host:9000?pbkeylen=16", "pbkeylen")]
    [InlineData("srt://host:9000?pbkeylen=17&passphrase=0123456789", "pbkeylen")]
    [InlineData("srt://host:9000?mode=rendezvous", "mode that is neither caller nor listener")]
    [InlineData("srt://host:9000?mode=caller&mode=caller", "parameter mode twice")]
    [InlineData("srt://host:9000?pass-phrase=hush", "parameter pass-phrase, which is not known")]
    [InlineData("srt://host:9000?Latency=120", "parameter Latency, which is not known")]
    [InlineData("srt://host:9000?transtype=file", "parameter transtype")]
    [InlineData("srt://host:9000?localaddress=10.0.0.1", "parameter localaddress")]
    [InlineData("srt://10.0.0.7:9000?mode=listener", "bound on the node")]
    [InlineData("srt://host:9000?mode=listener", "bound on the node")]
    [InlineData("srt://0.0.0.0:1023?mode=listener", "port below 1024")]
    [InlineData("srt://0.0.0.0?mode=listener", "port")]
    [InlineData("srt://0.0.0.0:9000?mode=listener&streamid=hush", "streamid, which only a caller sends")]
    [InlineData("srt://host:9000?streamid=hush#part", "character")]
    [InlineData("srt://host:9000?streamid=%hush", "%")]
    [InlineData("SRT://host:9000", "must be")]
    public void What_is_not_known_or_could_be_read_in_two_ways_is_refused_by_name_and_no_secret_is_repeated(
        string address,
        string named
    )
    {
        var reason = StreamKinds.WhyNot(address);
        Assert.Contains(named, reason, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", reason, StringComparison.Ordinal);
        Assert.EndsWith(".", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_streamid_has_512_bytes_at_most()
    {
        Assert.Null(StreamKinds.WhyNot($"srt://host:9000?streamid={new string('s', 512)}"));
        Assert.Contains(
            "512 bytes",
            StreamKinds.WhyNot($"srt://host:9000?streamid={new string('s', 511)}%C3%A9"),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("srt://host:9000", "srt://host:9000")]
    [InlineData("srt://host:9000/", "srt://host:9000")]
    [InlineData("srt://host:9000?mode=listener&latency=200", "srt://host:9000?mode=listener&latency=200")]
    [InlineData("srt://host:9000?streamid=hush", "srt://host:9000?…")]
    [InlineData(
        "srt://host:9000/?passphrase=hush&mode=caller&streamid=hush&pbkeylen=16",
        "srt://host:9000?mode=caller&pbkeylen=16&…"
    )]
    [InlineData("srt://hush@host:9000", "srt://host:9000")]
    [InlineData("srt://host:9000/hush?mode=caller", "srt://host:9000?mode=caller&…")]
    [InlineData("srt://host:9000#hush", "srt://host:9000?…")]
    [InlineData("srt://host:9000?mode=hush&latency=hush1", "srt://host:9000?…")]
    [InlineData("srt://", "srt://")]
    [InlineData("SRT://host:9000?passphrase=hush", "SRT://host:9000?…")]
    public void An_address_is_shown_without_the_name_of_the_stream_and_the_passphrase_and_without_them_again(
        string address,
        string shown
    )
    {
        var kind = StreamKinds.Of(address);
        Assert.Equal(shown, kind.Redact(address));
        Assert.Equal(shown.Contains('…', StringComparison.Ordinal) ? shown : kind.Redact(shown), shown);
    }

    [Theory]
    [InlineData("srt://host:9000?streamid=a", "srt://HOST:9000/?latency=200&streamid=%61", true)]
    [InlineData("srt://host:9000?streamid=a", "srt://host:9000?streamid=b", false)]
    [InlineData("srt://host:9000?streamid=a", "srt://host:9000", false)]
    [InlineData("srt://host:9000", "srt://host:9001", false)]
    [InlineData("srt://0.0.0.0:9000?mode=listener", "srt://127.0.0.1:9000?mode=listener&passphrase=0123456789", true)]
    [InlineData("srt://0.0.0.0:9000?mode=listener", "srt://127.0.0.1:9000", false)]
    public void A_receiver_tells_streams_apart_by_name_and_a_port_is_bound_once(string one, string other, bool same) =>
        Assert.Equal(same, StreamKinds.Of(one).Identity(one) == StreamKinds.Of(other).Identity(other));

    [Fact]
    public void A_peers_words_are_told_without_the_name_of_the_stream_and_the_passphrase()
    {
        Assert.True(
            SrtAddress.TryParse("srt://host:9000?streamid=hush&passphrase=very%20secret", out var address, out _)
        );
        Assert.Equal("No … for …; hushed.", address.Redact("No hush for very secret; hushed."));
        Assert.DoesNotContain("secret", $"{address}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_whose_address_the_edge_should_have_refused_keeps_its_secret()
    {
        WorkerTarget target = new("target-1", "srt://host:9000?passphrase=hush", "srt://host:9000?…");
        var error = Assert.Throws<UriFormatException>(() =>
            new SrtKind().Connect(target, new StreamSettings("127.0.0.1", null), TimeProvider.System)
        );
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }
}
