using Recorder.Cluster.ReadModel;

namespace Recorder.Cluster.Tests.ReadModel;

public sealed class PlaceTests
{
    private static readonly Place Here = new(10, "session-1", 4);

    [Theory]
    [InlineData(10, "session-1", 4L, true)]
    [InlineData(12, "session-1", 4L, true)]
    [InlineData(12, null, null, true)]
    [InlineData(9, null, null, false)]
    [InlineData(0, null, null, false)]
    [InlineData(12, "session-2", 4L, false)]
    [InlineData(12, "session-1", 5L, false)]
    public void A_place_fits_in_a_journal_that_has_its_event_or_has_deleted_it(
        long last,
        string? id,
        long? number,
        bool fits
    ) => Assert.Equal(fits, Here.FitsIn(last, id is null ? null : new Place(10, id, number)));

    [Fact]
    public void The_place_before_the_first_event_fits_in_every_journal() =>
        Assert.True(new Place(0, null, null).FitsIn(0, null));
}
