using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Tests.Answers;

public sealed class DeliveryAnswerTests
{
    [Fact]
    public void A_record_tells_its_deliveries_without_the_secrets_of_addresses()
    {
        var record = Summaries.Finished("/records/2021-09-22_07:56:00__0.mp4") with
        {
            Deliveries =
            [
                new DeliverySummary("command", DeliveryState.GivenUp, Summaries.Time)
                {
                    Attempts = 3,
                    ExitCode = 7,
                    LastOutput = "PUT https://me:secret@store.example.org/a?signature=secret\nrefused",
                    Error = "The delivery command exited with code 7.",
                },
            ],
        };
        var told = JsonSerializer.SerializeToElement(
            Summaries.Session(1, SessionPhase.Stopped, record).Detailed(whole: true),
            AnswerJson.Options
        );

        var delivery = Assert.Single(
            told.GetProperty("records")[0].GetProperty("deliveries").EnumerateArray().ToList()
        );
        Assert.Equal(
            ["to", "kind", "name", "state", "since", "next_try", "attempts", "exit_code", "last_output", "error", "sent_bytes", "partial"],
            delivery.EnumerateObject().Select(field => field.Name)
        );
        Assert.Equal("failed", delivery.GetProperty("state").GetString());
        Assert.Equal(7, delivery.GetProperty("exit_code").GetInt32());
        Assert.Equal("PUT https://store.example.org/a\nrefused", delivery.GetProperty("last_output").GetString());
    }

    [Theory]
    [InlineData(DeliveryState.Waiting, "queued")]
    [InlineData(DeliveryState.Running, "sending")]
    [InlineData(DeliveryState.Delivered, "delivered")]
    [InlineData(DeliveryState.Failed, "retrying")]
    [InlineData(DeliveryState.GivenUp, "failed")]
    public void A_delivery_tells_its_destination_its_state_and_its_next_try(DeliveryState state, string word)
    {
        var next = Summaries.Time.AddMinutes(1);
        var record = Summaries.Finished("/records/2021-09-22_07:56:00__0.mp4") with
        {
            Deliveries =
            [
                new DeliverySummary("archive", state, Summaries.Time)
                {
                    DestinationKind = "s3",
                    Name = "2021/a.mp4",
                    NextTry = next,
                },
            ],
        };
        var delivery = JsonSerializer
            .SerializeToElement(
                Summaries.Session(1, SessionPhase.Stopped, record).Detailed(whole: true),
                AnswerJson.Options
            )
            .GetProperty("records")[0]
            .GetProperty("deliveries")[0];

        Assert.Equal(
            ("archive", "s3", "2021/a.mp4", word),
            (
                delivery.GetProperty("to").GetString(),
                delivery.GetProperty("kind").GetString(),
                delivery.GetProperty("name").GetString(),
                delivery.GetProperty("state").GetString()
            )
        );
        Assert.Equal(next, delivery.GetProperty("next_try").GetDateTimeOffset());
    }

    [Fact]
    public void A_record_without_deliveries_tells_an_empty_list()
    {
        var told = JsonSerializer.SerializeToElement(
            Summaries.Session(1, SessionPhase.Recording, Summaries.Growing("/records/a.mp4")).Detailed(whole: true),
            AnswerJson.Options
        );

        Assert.Equal("[]", told.GetProperty("records")[0].GetProperty("deliveries").GetRawText());
    }
}
