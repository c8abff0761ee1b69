using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Tests.Answers;

public sealed class RecordCopiesTests
{
    private const string Path = "/records/2021-09-22_07:56:00__0.mp4";

    [Fact]
    public void A_finished_record_is_on_its_node_and_at_its_destinations_under_their_names()
    {
        var record = Summaries.Finished(Path) with
        {
            Deliveries =
            [
                new DeliverySummary("archive", DeliveryState.Delivered, Summaries.Time)
                {
                    DestinationKind = "s3",
                    Name = "2021/a.mp4",
                },
                new DeliverySummary("lists", DeliveryState.Delivered, Summaries.Time)
                {
                    DestinationKind = "folder",
                    What = [DeliveredFile.Manifest],
                },
            ],
        };

        var told = JsonSerializer.SerializeToElement(
            RecordCopies.Of(Summaries.Session(1, SessionPhase.Stopped, record), record),
            AnswerJson.Options
        );

        Assert.Equal(2, told.GetArrayLength());
        Assert.Equal(
            ("2021-09-22_07:56:00__0.mp4", "present", JsonValueKind.Null, JsonValueKind.Null),
            (
                told[0].GetProperty("name").GetString(),
                told[0].GetProperty("state").GetString(),
                told[0].GetProperty("to").ValueKind,
                told[0].GetProperty("verified_at").ValueKind
            )
        );
        Assert.Equal(
            ("archive", "2021/a.mp4", "present", Summaries.Time),
            (
                told[1].GetProperty("to").GetString(),
                told[1].GetProperty("name").GetString(),
                told[1].GetProperty("state").GetString(),
                told[1].GetProperty("verified_at").GetDateTimeOffset()
            )
        );
    }

    [Theory]
    [InlineData("s3", DeliveryState.Waiting, false, null, CopyState.Expected, false)]
    [InlineData("s3", DeliveryState.Running, false, null, CopyState.Expected, false)]
    [InlineData("s3", DeliveryState.GivenUp, false, null, CopyState.Missing, false)]
    [InlineData("s3", DeliveryState.Delivered, true, null, CopyState.Partial, false)]
    [InlineData("s3", DeliveryState.Delivered, false, null, CopyState.Present, true)]
    [InlineData("put", DeliveryState.Delivered, false, "No sum was told.", CopyState.Present, false)]
    [InlineData("put", DeliveryState.Delivered, false, null, CopyState.Present, true)]
    [InlineData("command", DeliveryState.Delivered, false, null, CopyState.Present, false)]
    [InlineData(null, DeliveryState.Delivered, false, null, CopyState.Present, false)]
    public void A_copy_is_verified_only_where_the_whole_of_it_was_compared(
        string? kind,
        DeliveryState state,
        bool partial,
        string? output,
        CopyState expected,
        bool verified
    )
    {
        var record = Summaries.Finished(Path) with
        {
            Deliveries =
            [
                new DeliverySummary("archive", state, Summaries.Time)
                {
                    DestinationKind = kind,
                    Partial = partial,
                    LastOutput = output,
                },
            ],
        };

        var copy = RecordCopies.Of(Summaries.Session(1, SessionPhase.Stopped, record), record)[1];

        Assert.Equal((expected, verified), (copy.State, copy.VerifiedAt is not null));
    }

    [Fact]
    public void A_record_whose_folder_is_away_and_one_that_grows_say_so()
    {
        var away = Summaries.Finished(Path) with { Away = "No node has the folder." };
        var growing = Summaries.Growing(Path) with
        {
            Deliveries =
            [
                new DeliverySummary("archive", DeliveryState.Waiting, Summaries.Time)
                {
                    DestinationKind = "s3",
                    SentBytes = 5_000_000,
                },
            ],
        };

        Assert.Equal(
            [CopyState.Away],
            RecordCopies.Of(Summaries.Session(1, SessionPhase.Stopped, away), away).Select(copy => copy.State)
        );
        Assert.Equal(
            [CopyState.Growing, CopyState.Growing],
            RecordCopies.Of(Summaries.Session(1, SessionPhase.Recording, growing), growing).Select(copy => copy.State)
        );
    }
}
