using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

public sealed class DeliverParserTests
{
    private static readonly DestinationList Destinations = new(
        [
            new Destination("archive", "folder", true, NameTemplate.Own, [], KeepsColons: false),
            new Destination("store", "s3", true, NameTemplate.Own, [], KeepsColons: true) { TakesGrowing = true },
        ],
        []
    );

    [Fact]
    public void A_start_names_a_destination_a_template_and_the_files()
    {
        var parsed = Parse("""{"to":"archive","name":"{record}","what":["manifest"],"keep_local":"keep"}""");

        var order = Assert.Single(parsed.Value!.Deliver!.Orders);
        Assert.Equal(("archive", "{record}"), (order.To, order.Name));
        Assert.Equal([DeliveredFile.Manifest], order.What);
    }

    [Fact]
    public void A_caller_can_give_no_addresses_since_no_kind_of_destination_takes_any() =>
        Assert.Contains(
            "\"addresses\" is not a field of data.deliver[0]",
            Parse("""{"to":"archive","addresses":["https://store.example.org/1"]}""").Error!.Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("""{"to":"store"}""", null)]
    [InlineData("""{"to":"store","while_recording":true}""", true)]
    [InlineData("""{"to":"store","while_recording":false}""", false)]
    [InlineData("""{"to":"archive","while_recording":false}""", false)]
    public void A_start_says_whether_its_records_are_sent_while_they_grow(string order, bool? expected) =>
        Assert.Equal(expected, Assert.Single(Parse(order).Value!.Deliver!.Orders).WhileRecording);

    [Theory]
    [InlineData("""{"to":"archive","while_recording":true}""", "archive is of the kind folder")]
    [InlineData("""{"to":"store","while_recording":"yes"}""", "must be true or false")]
    public void What_cannot_be_sent_while_it_grows_is_refused(string order, string words)
    {
        var error = Parse(order).Error!;

        Assert.Equal("data.deliver[0].while_recording", error.Field);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    private static Parsed<SessionSpec> Parse(string order) =>
        StartRequestParser.Parse(
            Encoding.UTF8.GetBytes($$$"""{"type":"uri","data":{"uri":"https://example.org/","deliver":[{{{order}}}]}}"""),
            Destinations
        );
}
