using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Model;

public sealed class NameTemplateTests
{
    private static readonly NameFacts Facts = new(
        new SessionId(12),
        2,
        "2021-09-22_07:56:00__11.mp4",
        "meet.example.org",
        "Board / March",
        ImmutableDictionary<string, string>.Empty.Add("room", "A.1").Add("bad", "../../etc").Add("empty", "")
    );

    private static readonly Gen<string> Nasty = Gen.Frequency(
        (4, OneOf("", ".", "..", "/", "a/b", "\\", "C:\\x", "CON", "nul.txt", " . ", "%2e%2e%2f", "é", "\u202e")),
        (2, Gen.String[Gen.Char.AlphaNumeric, 0, 12]),
        (2, Gen.String[0, 20]),
        (1, Gen.String[Gen.Const('x'), 0, 400])
    );

    private static readonly Gen<NameFacts> AnyFacts = Gen.Select(
        Gen.Int[1, 120],
        Gen.Int[1, 120],
        Nasty,
        Nasty,
        (session, number, label, title) =>
            Facts with
            {
                Session = new SessionId(session),
                Number = number,
                Record = $"2021-09-22_07:56:{number % 60:00}__{session - 1}.mp4",
                Title = title,
                Labels = Facts.Labels.SetItem("room", label),
            }
    );

    private static readonly Gen<string> AnyTemplate = OneOf(
        "{record}",
        "{session}",
        "{n}",
        "{date}",
        "{time}",
        "{labels.room}",
        "{name}",
        "{page.host}",
        ".{ext}",
        "/",
        "-",
        "_",
        ".",
        " ",
        "CON",
        "1",
        "a:b"
    )
        .List[1, 7]
        .Select(parts => string.Concat(parts))
        .Where(template => NameTemplate.Problem(template) is null);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(n => texts[n]);

    [Theory]
    [InlineData("{record}.{ext}", "2021-09-22_07-56-00__11.mp4")]
    [InlineData("{record}", "2021-09-22_07-56-00__11.mp4")]
    [InlineData("{date}/{record}.{ext}", "2021-09-22/2021-09-22_07-56-00__11.mp4")]
    [InlineData("{session}-{n}.{ext}", "12-2.mp4")]
    [InlineData("{labels.room}/{date}_{time}-{session}-{n}", "A.1/2021-09-22_07-56-00-12-2.mp4")]
    [InlineData("{page.host}/{session}/{n}.{ext}", "meet.example.org/12/2.mp4")]
    [InlineData("{name}", "Board _ March-12-2.mp4")]
    [InlineData("{session}{n}", "122-12-2.mp4")]
    [InlineData("meeting.mp4", "meeting.mp4-12-2.mp4")]
    [InlineData("{labels.bad}/{record}", "_.._etc/2021-09-22_07-56-00__11.mp4")]
    [InlineData("{labels.missing}/{labels.empty}/{record}", "_/_/2021-09-22_07-56-00__11.mp4")]
    [InlineData("con/{record}", "_con/2021-09-22_07-56-00__11.mp4")]
    [InlineData("a//b/ . /{record}", "a/b/2021-09-22_07-56-00__11.mp4")]
    [InlineData("9:00 {time}", "9-00 07-56-00-12-2.mp4")]
    public void A_template_gives_a_name(string template, string name)
    {
        Assert.Null(NameTemplate.Problem(template));
        Assert.Equal(name, NameTemplate.Of(template, Facts, keepsColons: false));
    }

    [Fact]
    public void Colons_stay_where_the_destination_takes_them() =>
        Assert.Equal(Facts.Record, NameTemplate.Of(NameTemplate.Own, Facts, keepsColons: true));

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("/", "leads out")]
    [InlineData(" ./", "is empty")]
    [InlineData("/etc/{record}", "leads out")]
    [InlineData("../{record}", "leads out")]
    [InlineData("a/../{record}", "leads out")]
    [InlineData("{record", "a brace without its partner")]
    [InlineData("record}", "a brace without its partner")]
    [InlineData("{a{b}}", "a brace without its partner")]
    [InlineData("{nonsense}", "{nonsense}, which is no placeholder")]
    [InlineData("{labels.}", "no placeholder")]
    [InlineData("{labels.a/b}", "no placeholder")]
    [InlineData("a\nb", "control character")]
    public void A_template_that_makes_no_sense_is_refused_with_the_reason(string template, string reason) =>
        Assert.Contains(reason, NameTemplate.Problem(template), StringComparison.Ordinal);

    [Fact]
    public void A_template_has_a_longest_length() =>
        Assert.NotNull(NameTemplate.Problem(new string('a', NameTemplate.Longest + 1)));

    [Fact]
    public void No_template_and_no_value_leads_out_of_the_folder_or_makes_a_name_that_a_file_system_refuses() =>
        Gen.Select(AnyTemplate, AnyFacts)
            .Sample(
                (template, facts) =>
                {
                    var name = NameTemplate.Of(template, facts, keepsColons: false);
                    var parts = name.Split('/');
                    Assert.All(parts, part =>
                    {
                        Assert.NotEmpty(part);
                        Assert.False(part.StartsWith('.') || part.EndsWith('.') || part.EndsWith(' '), name);
                        Assert.InRange(Encoding.UTF8.GetByteCount(part), 1, NameTemplate.LongestPart + 1);
                        Assert.DoesNotContain(part, letter => char.IsControl(letter) || "\\:*?\"<>|".Contains(letter));
                    });
                    Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, NameTemplate.LongestName);
                    Assert.EndsWith(".mp4", name, StringComparison.Ordinal);
                    Assert.StartsWith("/base/", Path.GetFullPath(Path.Join("/base", name)), StringComparison.Ordinal);
                },
                iter: 3000
            );

    [Fact]
    public void Two_records_never_get_one_name() =>
        Gen.Select(AnyTemplate, AnyFacts, Gen.Int[1, 120])
            .Where((_, one, number) => number != one.Number)
            .Sample(
                (template, one, number) =>
                {
                    // All else is the same, but for the record's own name, which no other record has.
                    var other = one with { Number = number };
                    var ending = template.Replace(".{ext}", "", StringComparison.Ordinal);
                    Assert.True(
                        ending.EndsWith("{record}", StringComparison.Ordinal)
                            || NameTemplate.Of(template, one, false) != NameTemplate.Of(template, other, false),
                        template
                    );
                },
                iter: 3000
            );
}
