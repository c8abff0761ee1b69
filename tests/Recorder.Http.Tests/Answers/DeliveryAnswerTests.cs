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
            ["kind", "state", "since", "attempts", "exit_code", "last_output", "error"],
            delivery.EnumerateObject().Select(field => field.Name)
        );
        Assert.Equal("given_up", delivery.GetProperty("state").GetString());
        Assert.Equal(7, delivery.GetProperty("exit_code").GetInt32());
        Assert.Equal("PUT https://store.example.org/a\nrefused", delivery.GetProperty("last_output").GetString());
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
