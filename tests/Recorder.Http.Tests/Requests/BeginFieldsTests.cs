using System.Text;
using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

/// <summary>When the record of a page is to begin, as a start says.</summary>
public sealed class BeginFieldsTests
{
    private static Parsed<SessionSpec> Start(string begin) =>
        StartRequestParser.Parse(
            Encoding.UTF8.GetBytes($$$"""{"type":"uri","data":{"uri":"https://example.org/","begin":{{{begin}}}}}""")
        );

    private static BeginRule? Rule(string begin) => ((PageSessionSpec)Start(begin).Value).Begin;

    [Fact]
    public void A_rule_is_read_whole()
    {
        var rule = Rule(
            """
            {"when":"selector","selector":".room video[data-id='a b']","unless":{"selector":"#lobby","text":["Please wait until","asked to join"]},
             "timeout":"2 min","lobby_timeout":1200,"otherwise":"record"}
            """
        );
        Assert.Equal(
            new BeginRule
            {
                When = BeginWhen.Selector,
                Selector = ".room video[data-id='a b']",
                LobbySelector = "#lobby",
                LobbyTexts = ["Please wait until", "asked to join"],
                Timeout = TimeSpan.FromMinutes(2),
                LobbyTimeout = TimeSpan.FromMinutes(20),
                Otherwise = BeginOtherwise.Record,
            },
            rule
        );
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"when\":\"painted\"}")]
    public void The_default_is_no_rule(string begin) => Assert.Null(Rule(begin));

    [Fact]
    public void A_signal_needs_nothing_else_and_has_limits()
    {
        var rule = Rule("{\"when\":\"signal\"}");
        Assert.Equal(
            (BeginWhen.Signal, TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(15), BeginOtherwise.Fail),
            (rule!.When, rule.Timeout, rule.LobbyTimeout, rule.Otherwise)
        );
        Assert.Equal(["knock"], Rule("{\"unless\":{\"text\":\"knock\"}}")!.LobbyTexts);
    }

    [Theory]
    [InlineData("{\"when\":\"later\"}", "when")]
    [InlineData("{\"when\":\"selector\"}", "selector")]
    [InlineData("{\"when\":\"selector\",\"selector\":\"div[\"}", "selector")]
    [InlineData("{\"when\":\"selector\",\"selector\":\"\"}", "selector")]
    [InlineData("{\"when\":\"selector\",\"selector\":\">>> {\"}", "selector")]
    [InlineData("{\"when\":\"selector\",\"selector\":\"a b)\"}", "selector")]
    [InlineData("{\"when\":\"selector\",\"selector\":7}", "selector")]
    [InlineData("{\"when\":\"signal\",\"selector\":\"div\"}", "selector")]
    [InlineData("{\"when\":\"script\"}", "script")]
    [InlineData("{\"when\":\"script\",\"script\":\" \"}", "script")]
    [InlineData("{\"when\":\"painted\",\"script\":\"1\"}", "script")]
    [InlineData("{\"when\":\"signal\",\"timeout\":-5}", "timeout")]
    [InlineData("{\"when\":\"signal\",\"timeout\":\"2 d\"}", "timeout")]
    [InlineData("{\"when\":\"signal\",\"lobby_timeout\":\"1 min\"}", "lobby_timeout")]
    [InlineData("{\"when\":\"signal\",\"unless\":{\"text\":\"x\"},\"lobby_timeout\":0}", "lobby_timeout")]
    [InlineData("{\"when\":\"signal\",\"otherwise\":\"stop\"}", "otherwise")]
    [InlineData("{\"unless\":{}}", "unless")]
    [InlineData("{\"unless\":{\"selector\":\"[[\"}}", "unless.selector")]
    [InlineData("{\"unless\":{\"text\":[\"\"]}}", "unless.text")]
    [InlineData("{\"unless\":{\"text\":[7]}}", "unless.text[0]")]
    [InlineData("{\"unless\":{\"words\":[]}}", "unless.words")]
    [InlineData("{\"until\":1}", "until")]
    public void Whatever_is_no_rule_is_refused_with_the_name_of_its_field(string begin, string field) =>
        Assert.Equal($"data.begin.{field}", Start(begin).Error?.Field);

    [Fact]
    public void A_script_that_is_too_long_is_refused()
    {
        var script = JsonSerializer.Serialize(new string('x', SpecLimits.MaximumScriptLength + 1));
        Assert.Equal("data.begin.script", Start($$"""{"when":"script","script":{{script}}}""").Error?.Field);
    }

    [Fact]
    public void A_session_that_receives_rtp_has_no_page_to_wait_for() =>
        Assert.Equal(
            "data.begin",
            StartRequestParser
                .Parse("""{"type":"rtp","data":{"rtpPort":5000,"rtcpPort":5001,"begin":{}}}"""u8.ToArray())
                .Error?.Field
        );
}
