using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>Holds the wire of this build against the protocol that the build says to speak.</summary>
public sealed class ProtocolFileTests
{
    [Fact]
    public void The_wire_of_this_build_is_that_of_the_protocol_it_speaks()
    {
        var (speaks, lines) = (WireProtocol.OfThisBuild.Speaks, WireShapes.Of(WireNames.ToType));
        ProtocolFile.WriteIfAsked(speaks, lines);

        Assert.True(
            ProtocolFile.Exists(speaks),
            $"Protocol {speaks} has no file yet. Run this test with RECORDER_WRITE_GOLDEN=1, and check the file in."
        );
        var problem = ProtocolFile.Read(speaks).Problem(lines);
        Assert.True(problem is null, problem);
    }

    [Fact]
    public void Every_message_of_each_protocol_that_this_build_understands_has_a_payload_that_is_still_read()
    {
        var golden = GoldenFile.Names.ToHashSet();
        for (
            var protocol = WireProtocol.OfThisBuild.Understands;
            protocol <= WireProtocol.OfThisBuild.Speaks;
            protocol++
        )
        {
            Assert.Empty(ProtocolFile.Read(protocol).Names.Except(WireNames.ToType.Keys));
            Assert.Empty(ProtocolFile.Read(protocol).Names.Except(golden));
        }
    }

    [Fact]
    public void A_name_that_came_with_a_protocol_says_so()
    {
        foreach (var name in WireNames.ToType.Keys)
        {
            var since = Enumerable
                .Range(1, WireProtocol.OfThisBuild.Speaks)
                .First(protocol =>
                    protocol == WireProtocol.OfThisBuild.Speaks
                    || (ProtocolFile.Exists(protocol) && ProtocolFile.Read(protocol).Names.Contains(name))
                );
            Assert.Equal((name, since), (name, WireNames.SinceOf(name)));
        }
    }

    [Theory]
    [InlineData(false, "the change belongs to that protocol")]
    [InlineData(true, "Let WireProtocol.OfTheseSources speak 2")]
    public void A_changed_wire_is_told_with_what_to_do(bool released, string sentence)
    {
        var file = new ProtocolFile(1, released, ["a/b:1 00", "a/c:1 00", "a/e:1 00"]);

        Assert.Null(file.Problem(["a/b:1 00", "a/c:1 00", "a/e:1 00"]));
        var problem = file.Problem(["a/b:1 00", "a/c:1 01", "a/d:1 00"]);
        Assert.Contains("in a/c:1, a/d:1, a/e:1.", problem, StringComparison.Ordinal);
        Assert.Contains(sentence, problem, StringComparison.Ordinal);
        Assert.Contains("RECORDER_WRITE_GOLDEN=1", problem, StringComparison.Ordinal);
    }
}
