using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Serialization;

public sealed class WireFingerprintTests
{
    [Fact]
    public void It_is_the_same_each_time_and_changes_with_the_wire_names_and_with_what_is_inside_them()
    {
        var whole = WireFingerprint.OfThisBuild();

        Assert.Equal(whole, WireFingerprint.OfThisBuild());
        Assert.Matches("^[0-9a-f]{16}$", whole);
        var less = WireNames.ToType.Where(entry => entry.Key != "session/start:1").ToDictionary();
        Assert.NotEqual(whole, WireFingerprint.Of(less));
        less["session/start:2"] = WireNames.ToType["session/start:1"];
        Assert.NotEqual(whole, WireFingerprint.Of(less));
        Assert.NotEqual(Of<StartSession>(), Of<StopSession>());
    }

    [Fact]
    public void A_type_and_a_property_may_be_called_otherwise_and_nothing_else_may_change()
    {
        Assert.Equal(Of<Plain>(), Of<Renamed>());
        Assert.NotEqual(Of<Plain>(), Of<OtherField>());
        Assert.NotEqual(Of<Plain>(), Of<OtherKind>());
        Assert.NotEqual(Of<Plain>(), Of<OneMore>());
        Assert.NotEqual(Of<Plain>(), Of<OtherWithin>());
        Assert.NotEqual(Of<Plain>(), Of<OtherWord>());
    }

    [Fact]
    public void Two_types_of_one_wire_name_are_refused_with_both_named()
    {
        var error = Assert.Throws<InvalidOperationException>(() => WireNames.Collect([typeof(First), typeof(Second)]));

        Assert.Contains(nameof(First), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Second), error.Message, StringComparison.Ordinal);
    }

    private static string Of<T>() => WireFingerprint.Of(new Dictionary<string, Type> { ["one:1"] = typeof(T) });

    private enum Word
    {
        Yes,
    }

    private enum SameWord
    {
        Yes,
    }

    private enum Another
    {
        No,
    }

    private sealed record Inner(int Depth, Word Word);

    private sealed record SameInner([property: JsonPropertyName("depth")] int Level, SameWord Word);

    private sealed record DeeperInner(long Depth, Word Word);

    private sealed record OtherInner(int Depth, Another Word);

    private sealed record Plain(int Slot, Inner? Inner);

    private sealed record Renamed(
        [property: JsonPropertyName("slot")] int Shard,
        [property: JsonPropertyName("inner")] SameInner? Within
    )
    {
        [JsonIgnore]
        public bool Derived => Shard > 0;
    }

    private sealed record OtherField(int Shard, Inner? Inner);

    private sealed record OtherKind(string Slot, Inner? Inner);

    private sealed record OneMore(int Slot, Inner? Inner, int Another);

    private sealed record OtherWithin(int Slot, DeeperInner? Inner);

    private sealed record OtherWord(int Slot, OtherInner? Inner);

    [Wire("one:1")]
    private sealed record First;

    [Wire("one:1")]
    private sealed record Second;
}
