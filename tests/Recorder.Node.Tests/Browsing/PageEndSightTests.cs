using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Browsing;

namespace Recorder.Node.Tests.Browsing;

/// <summary>What a page is asked of the things that end its session, and what its answers mean.</summary>
public sealed class PageEndSightTests
{
    [Theory]
    [InlineData("""{"selector":true,"text":null,"others":null}""", true, null, null)]
    [InlineData("""{"selector":null,"text":false,"others":0}""", null, false, 0)]
    [InlineData("""{"selector":false,"text":true,"others":3}""", false, true, 3)]
    [InlineData("""{"selector":"yes","text":1,"others":"3"}""", null, null, null)]
    [InlineData("""{"others":1e300}""", null, null, null)]
    public void An_answer_is_read_as_far_as_the_page_says(string answer, bool? selector, bool? text, int? others) =>
        Assert.Equal(new PageEndSight(selector, text, others), PageEndSight.Read(Json(answer)));

    [Fact]
    public void A_selector_that_the_browser_does_not_take_is_told() =>
        Assert.Equal(
            new PageEndSight(null, true, null) { Failure = "not valid" },
            PageEndSight.Read(Json("""{"selector":null,"text":true,"others":null,"failure":"not valid"}"""))
        );

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"selector\"")]
    public void What_is_no_answer_says_nothing(string answer) => Assert.Null(PageEndSight.Read(Json(answer)));

    [Fact]
    public void A_page_is_asked_only_for_what_a_rule_needs()
    {
        Assert.Null(PageEndSight.Question(EndRules.None));
        var rules = new EndRules { Page = [EndPageWord.Closed], Still = TimeSpan.FromMinutes(1) };
        Assert.Null(PageEndSight.Question(rules));
        var question = PageEndSight.Question(new EndRules { Text = ["The  Meeting\nhas \"ended\""] });
        Assert.EndsWith(
            """({"selector":null,"texts":["the meeting has \u0022ended\u0022"],"others":null})""",
            question,
            StringComparison.Ordinal
        );
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
