using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Serialization;

public sealed class WireShapesTests
{
    [Fact]
    public void There_is_a_line_for_each_name_and_it_is_the_same_each_time()
    {
        var whole = WireShapes.Of(WireNames.ToType);

        Assert.Equal(whole, WireShapes.Of(WireNames.ToType));
        Assert.Equal(WireNames.ToType.Count, whole.Count);
        Assert.All(whole, line => Assert.Matches("^[^ ]+:[0-9]+ [0-9a-f]{16}$", line));
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
        Assert.NotEqual(Of<OneMore>(), Of<OneMayBeMissing>());
    }

    [Fact]
    public void Two_types_of_one_wire_name_are_refused_with_both_named()
    {
        var error = Assert.Throws<InvalidOperationException>(() => WireNames.Collect([typeof(First), typeof(Second)]));

        Assert.Contains(nameof(First), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Second), error.Message, StringComparison.Ordinal);
    }

    private static string Of<T>() => Assert.Single(WireShapes.Of(new Dictionary<string, Type> { ["one:1"] = typeof(T) }));

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

    private sealed record OneMayBeMissing(int Slot, Inner? Inner, [property: AddedLater] int Another);

    private sealed record OtherWithin(int Slot, DeeperInner? Inner);

    private sealed record OtherWord(int Slot, OtherInner? Inner);

    [Wire("one:1")]
    private sealed record First;

    [Wire("one:1")]
    private sealed record Second;
}
