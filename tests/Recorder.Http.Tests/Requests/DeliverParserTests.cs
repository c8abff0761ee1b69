using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;
using Recorder.Worker.Network;

namespace Recorder.Http.Tests.Requests;

public sealed class DeliverParserTests
{
    private static readonly DestinationList Destinations = new(
        [
            new Destination("archive", "folder", true, NameTemplate.Own, [], KeepsColons: false),
            new Destination("store", "s3", true, NameTemplate.Own, [], KeepsColons: true) { TakesGrowing = true },
            new Destination("upload", "put", true, NameTemplate.Own, [], KeepsColons: false)
            {
                WhyRefused = NetworkPolicy.PublicOnly.WhyRefused,
                NeedsAddresses = true,
            },
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
    public void A_start_gives_one_address_for_each_record()
    {
        var parsed = Parse(
            """{"to":"upload","addresses":["https://store.example.org/1?sig=a","https://store.example.org/2?sig=b"]}"""
        );

        Assert.Equal(
            ["https://store.example.org/1?sig=a", "https://store.example.org/2?sig=b"],
            Assert.Single(parsed.Value!.Deliver!.Orders).Addresses.Select(address => address.AbsoluteUri)
        );
    }

    [Theory]
    [InlineData("""{"to":"archive","addresses":["https://s.example.org/?sig=hidden"]}""", "has an address of its own")]
    [InlineData("""{"to":"upload"}""", "data.deliver[0].addresses is missing")]
    [InlineData("""{"to":"upload","addresses":["ftp://s.example.org/?sig=hidden"]}""", "must be an https address")]
    [InlineData("""{"to":"upload","addresses":["https://u:hidden@s.example.org/"]}""", "without user")]
    [InlineData("""{"to":"upload","addresses":["http://s.example.org/?sig=hidden"]}""", "http: is not encrypted")]
    [InlineData("""{"to":"upload","addresses":["https://127.0.0.1/?sig=hidden"]}""", "Network:Allow")]
    [InlineData("""{"to":"upload","addresses":["https://169.254.169.254/?sig=hidden"]}""", "Network:Allow")]
    [InlineData(
        """{"to":"upload","addresses":["https://s.example.org/?sig=hidden"],"what":["record","manifest"]}""",
        "must name one file"
    )]
    public void An_address_that_cannot_be_used_is_refused_without_being_told(string order, string told)
    {
        var error = Parse(order).Error!.Message;

        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"to":"store"}""", null)]
    [InlineData("""{"to":"store","while_recording":true}""", true)]
    [InlineData("""{"to":"store","while_recording":false}""", false)]
    [InlineData("""{"to":"archive","while_recording":false}""", false)]
    public void A_start_says_whether_its_records_are_sent_while_they_grow(string order, bool? expected) =>
        Assert.Equal(expected, Assert.Single(Parse(order).Value!.Deliver!.Orders).WhileRecording);

    [Theory]
    [InlineData("""{"to":"archive","while_recording":true}""", "while_recording", "archive is of the kind folder")]
    [InlineData("""{"to":"store","while_recording":"yes"}""", "while_recording", "must be true or false")]
    [InlineData("""{"to":"store","keep_local":"for ever"}""", "keep_local", "must be \"keep\" or a time such as \"7 d\"")]
    [InlineData("""{"to":"store","keep_local":"-1 s"}""", "keep_local", "must be \"keep\"")]
    public void A_wrong_wish_is_refused(string order, string field, string words)
    {
        var error = Parse(order).Error!;

        Assert.Equal($"data.deliver[0].{field}", error.Field);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_says_how_long_records_stay_after_a_delivery()
    {
        Assert.Null(Order("""{"to":"store"}""").KeepLocal);
        Assert.Equal(new LocalKeeping(null), Order("""{"to":"store","keep_local":"keep"}""").KeepLocal);
        Assert.Equal(
            new LocalKeeping(TimeSpan.FromHours(12)),
            Order("""{"to":"store","keep_local":"12 h"}""").KeepLocal
        );

        DeliveryOrder Order(string order) => Assert.Single(Parse(order).Value!.Deliver!.Orders);
    }

    private static Parsed<SessionSpec> Parse(string order) =>
        StartRequestParser.Parse(
            Encoding.UTF8.GetBytes($$$"""{"type":"uri","data":{"uri":"https://example.org/","deliver":[{{{order}}}]}}"""),
            new StartTerms { Destinations = Destinations }
        );
}
