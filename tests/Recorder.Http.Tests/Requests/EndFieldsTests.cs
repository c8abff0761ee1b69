using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

/// <summary>When a session is to end by itself, as a start and a change say.</summary>
public sealed class EndFieldsTests
{
    private static readonly LongestSession Longest = new(TimeSpan.FromHours(24));

    private static Parsed<StartBody> Start(string end, string more = "") =>
        StartRequestParser.ParseWhole(
            Encoding.UTF8.GetBytes(
                $$$"""{"type":"uri","data":{"uri":"https://example.org/",{{{more}}}"end":{{{end}}}}}"""
            ),
            new StartTerms { Longest = Longest.Limit }
        );

    private static Parsed<TargetsRequest> Change(string end) =>
        ChangeRequestParser.Parse(Encoding.UTF8.GetBytes($$"""{"end":{{end}}}"""), Longest);

    [Theory]
    [InlineData("{\"max_duration\":\"90 min\"}", 5400)]
    [InlineData("{\"max_duration\":5400}", 5400)]
    [InlineData("{\"max_duration\":1.5}", 1.5)]
    [InlineData("{\"max_duration\":\"24h\"}", 86_400)]
    public void A_duration_is_text_with_a_unit_or_a_number_of_seconds(string end, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Start(end).Value.Spec.End?.MaxDuration);

    [Theory]
    [InlineData("{\"max_bytes\":\"20 GiB\"}", 21_474_836_480)]
    [InlineData("{\"max_bytes\":5000000}", 5_000_000)]
    public void A_size_is_text_with_a_unit_or_a_number_of_bytes(string end, long bytes) =>
        Assert.Equal(bytes, Start(end).Value.Spec.End?.MaxBytes);

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"max_duration\":null}")]
    public void Without_a_rule_there_is_no_end_in_the_spec(string end) => Assert.Null(Start(end).Value.Spec.End);

    [Theory]
    [InlineData("{\"max_duration\":-1}", "max_duration")]
    [InlineData("{\"max_duration\":0}", "max_duration")]
    [InlineData("{\"max_duration\":\"-3 h\"}", "max_duration")]
    [InlineData("{\"max_duration\":\"3\"}", "max_duration")]
    [InlineData("{\"max_duration\":\"soon\"}", "max_duration")]
    [InlineData("{\"max_duration\":1e300}", "max_duration")]
    [InlineData("{\"max_duration\":true}", "max_duration")]
    [InlineData("{\"max_duration\":{}}", "max_duration")]
    [InlineData("{\"max_bytes\":-5}", "max_bytes")]
    [InlineData("{\"max_bytes\":0}", "max_bytes")]
    [InlineData("{\"max_bytes\":1000000.5}", "max_bytes")]
    [InlineData("{\"max_bytes\":\"1 m\"}", "max_bytes")]
    [InlineData("{\"max_lenght\":5}", "max_lenght")]
    [InlineData("{\"silence\":{}}", "silence.for")]
    [InlineData("{\"silence\":{\"for\":-1}}", "silence.for")]
    [InlineData("{\"silence\":{\"for\":\"1 min\",\"below_db\":5}}", "silence.below_db")]
    [InlineData("{\"silence\":{\"for\":\"1 min\",\"not_before\":-5}}", "silence.not_before")]
    [InlineData("{\"silence\":\"1 min\"}", "silence")]
    [InlineData("{\"still\":{\"for\":\"never\"}}", "still.for")]
    [InlineData("{\"still\":{\"since\":5}}", "still.since")]
    [InlineData("{\"page\":[\"left\"]}", "page[0]")]
    [InlineData("{\"page\":[\"closed\",\"closed\"]}", "page[1]")]
    [InlineData("{\"page\":\"closed\"}", "page")]
    [InlineData("{\"page\":[\"selector_gone\"],\"selector\":\"div[\"}", "selector")]
    [InlineData("{\"page\":[\"closed\"],\"grace\":\"-1 s\"}", "grace")]
    [InlineData("{\"page\":[\"selector_gone\"],\"selector\":\"p:contains('a')\"}", "selector")]
    [InlineData("{\"sender_silent\":1}", "sender_silent")]
    [InlineData("{\"text\":[\"\"]}", "text")]
    [InlineData("{\"text\":[5]}", "text[0]")]
    [InlineData("{\"alone\":{}}", "alone.selector")]
    [InlineData("{\"alone\":{\"selector\":\"div[\"}}", "alone.selector")]
    [InlineData("{\"alone\":{\"selector\":\"div\",\"at_most\":-1}}", "alone.at_most")]
    [InlineData("{\"alone\":{\"selector\":\"div\",\"for\":0}}", "alone.for")]
    [InlineData("{\"alone\":{\"selector\":\"div\",\"least\":2}}", "alone.least")]
    [InlineData("{\"alone\":\"div\"}", "alone")]
    public void Whatever_is_no_rule_is_refused_with_the_name_of_its_field(string end, string field)
    {
        Assert.Equal($"data.end.{field}", Start(end).Error?.Field);
        Assert.Equal($"end.{field}", Change(end).Error?.Field);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"1 h\"")]
    public void The_rules_of_a_start_are_an_object(string end) => Assert.Equal("data.end", Start(end).Error?.Field);

    [Fact]
    public void More_than_the_farm_allows_is_refused_with_both_durations()
    {
        var error = Start("{\"max_duration\":\"25 h\"}").Error;
        Assert.Equal("data.end.max_duration", error?.Field);
        Assert.Contains("25 h", error?.Message, StringComparison.Ordinal);
        Assert.Contains("1 d (Sessions:MaxDuration)", error?.Message, StringComparison.Ordinal);
        Assert.NotNull(Change("{\"max_duration\":\"25 h\"}").Error);
    }

    [Fact]
    public void Bytes_need_a_record()
    {
        const string streams = "\"mode\":\"stream\",\"stream_uri\":\"rtmp://h/app/key\",";
        Assert.Equal("data.end.max_bytes", Start("{\"max_bytes\":\"1 GB\"}", streams).Error?.Field);
        Assert.Null(Start("{\"max_duration\":\"1 h\"}", streams).Error);
    }

    [Fact]
    public void A_change_sets_what_it_names_and_null_takes_a_rule_away()
    {
        var change = Change("{\"max_duration\":\"2 h\",\"max_bytes\":null}").Value.End;
        Assert.Equal([EndField.MaxDuration, EndField.MaxBytes], change!.Fields);
        Assert.Equal(new EndRules { MaxDuration = TimeSpan.FromHours(2) }, change.Values);

        var before = new EndRules { MaxDuration = TimeSpan.FromHours(1), MaxBytes = 1_000_000 };
        Assert.Equal(new EndRules { MaxDuration = TimeSpan.FromHours(2) }, before.With(change));
        Assert.Equal(EndRules.None, before.With(Change("null").Value.End!));
        Assert.Equal(before, before.With(Change("{}").Value.End!));
    }

    [Fact]
    public void The_rules_of_a_page_are_read_whole()
    {
        var rules = Start(
            """
            {"silence":{"for":"10 min","below_db":-45,"not_before":"20 min"},"still":{"for":1800},
             "page":["end_signal","selector_gone"],"selector":".call","grace":"30 s","text":"Over","alone":{"selector":".person"}}
            """
        ).Value.Spec.End;
        Assert.Equal(
            new EndRules
            {
                Silence = new EndSilence(TimeSpan.FromMinutes(10))
                {
                    BelowDb = -45,
                    NotBefore = TimeSpan.FromMinutes(20),
                },
                Still = TimeSpan.FromMinutes(30),
                Page = [EndPageWord.EndSignal, EndPageWord.SelectorGone],
                Selector = ".call",
                Grace = TimeSpan.FromSeconds(30),
                Text = ["Over"],
                Alone = new EndAlone(".person", 1, TimeSpan.FromMinutes(2)),
            },
            rules
        );
    }

    [Theory]
    [InlineData("{\"page\":[\"selector_gone\"]}", "selector")]
    [InlineData("{\"selector\":\".call\"}", "selector")]
    [InlineData("{\"grace\":5}", "grace")]
    [InlineData("{\"sender_silent\":\"5 min\"}", "sender_silent")]
    public void Rules_that_do_not_fit_each_other_or_the_session_are_refused(string end, string field) =>
        Assert.Equal($"data.end.{field}", Start(end).Error?.Field);

    [Fact]
    public void An_rtp_session_has_rules_too()
    {
        var parsed = StartRequestParser.ParseWhole(
            Encoding.UTF8.GetBytes(
                """{"type":"rtp","data":{"rtpPort":5000,"rtcpPort":5001,"end":{"max_duration":60}}}"""
            )
        );
        Assert.Equal(TimeSpan.FromMinutes(1), parsed.Value.Spec.End?.MaxDuration);
    }
}
