using System.Collections;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Recorder.Cluster.Settings;
using Recorder.Node.Commands;
using Recorder.Node.Configuration;
using Recorder.Node.Tests.Repository;

namespace Recorder.Node.Tests.Configuration;

/// <summary>What properties state about their options, <c>appsettings.json</c>, the help and the documentation say the
/// same.</summary>
public sealed partial class OptionsAgreeTests
{
    static OptionsAgreeTests() => OptionDocuments.WriteIfAsked();

    public static TheoryData<string> Keys => [.. RecorderSettings.Options.Select(option => option.Key)];

    public static TheoryData<string> NumberKeys =>
        [
            .. RecorderSettings
                .Options.Where(option => option.IsScalar && OptionValues.IsNumber(option.Type))
                .Select(option => option.Key),
        ];

    public static TheoryData<string> Pages =>
        [
            .. Directory
                .EnumerateFiles(RepositoryRoot.Of("docs"), "*.md", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file))
                .Append("README.md")
                .Order(),
        ];

    [Fact]
    public void Options_of_every_part_of_a_node_are_known()
    {
        string[] oneOfEach =
        [
            "Data",
            "Http:Listen",
            "Media:RunRoot",
            "Remoting:Port",
            "Sessions:StartLimit",
            "Placement:Shards",
        ];

        Assert.Superset(oneOfEach.ToHashSet(), RecorderSettings.Options.Select(option => option.Key).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Each_option_says_what_it_is_for_and_leaves_default_and_range_to_what_is_stated(string key)
    {
        var option = Of(key);

        Assert.EndsWith(".", option.Text, StringComparison.Ordinal);
        Assert.True(
            key.Contains(':', StringComparison.Ordinal) == option.SectionText.Length > 0,
            $"The section of {key} has no text, or one it should not have."
        );
        Assert.DoesNotContain("default", option.Text, StringComparison.OrdinalIgnoreCase);
        if (OptionValues.IsNumber(option.Type) && option.Values is { } range)
        {
            Assert.DoesNotContain(range, option.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(NumberKeys))]
    public void Each_number_duration_and_size_takes_its_default_and_the_ends_of_its_range_and_nothing_beyond(string key)
    {
        var option = Of(key);
        var ends = Assert.IsType<string>(option.Values).Split(" to ");
        var (least, most) = (Magnitude(option, ends[0]), Magnitude(option, ends[1]));

        foreach (var value in new[] { option.DefaultText, ends[0], ends[1] })
        {
            option.Normalize(value, null, "The test sets it", out var problem);
            Assert.Null(problem);
        }

        Assert.InRange(Magnitude(option, option.DefaultText), least, most);
        foreach (var beyond in new[] { least - 0.001, most + 1 }.Where(magnitude => magnitude >= 0))
        {
            var written =
                option.Type == typeof(TimeSpan) ? Duration.Format(TimeSpan.FromSeconds(beyond))
                : option.Type == typeof(ByteSize) ? new ByteSize((long)beyond).ToString()
                : OptionValues.Write(option.Type == typeof(double) ? beyond : (long)Math.Floor(beyond));
            option.Normalize(written, null, "The test sets it", out var problem);
            Assert.Equal($"The test sets it to {written}; it must be {option.Values}.", problem);
        }
    }

    [Fact]
    public void The_file_is_what_the_options_state() =>
        Assert.Equal(OptionDocuments.Settings(), File.ReadAllText(OptionDocuments.FilePath));

    [Fact]
    public void The_file_sets_every_option_to_its_default_and_nothing_else()
    {
        var configuration = NodeConfiguration.Read(OptionDocuments.FilePath, new Hashtable(), [], out var warnings);
        var settings = RecorderSettings.Bind(configuration);

        Assert.Empty(warnings);
        RecorderOption[] bound =
        [
            .. RecorderOption.Under("", settings.Node),
            .. RecorderOption.Under("Http", settings.Http),
            .. RecorderOption.Under("Telemetry", settings.Telemetry),
            .. RecorderOption.Under("Profiles", settings.Profiles),
            .. RecorderOption.Under("Media", settings.Media),
            .. RecorderOption.Under("Delivery", settings.Delivery),
            .. RecorderOption.Under("", settings.Destinations),
            .. RecorderOption.Under("", settings.Cluster),
        ];
        Assert.Equal(RecorderSettings.Options.Select(Written), bound.Select(Written));
        var set = ConfigurationExtensions
            .AsEnumerable(configuration)
            .Where(pair => pair.Value is not null)
            .Select(pair => pair.Key[(RecorderSettings.Section.Length + 1)..]);
        Assert.Equal(
            RecorderSettings.Options.Where(option => option.IsScalar).Select(option => option.Key).Order(),
            set.Order()
        );

        static string Written(RecorderOption option) => $"{option.Key} = {option.DefaultText}";
    }

    [Fact]
    public void The_tables_of_the_documentation_have_every_option_with_its_default_and_values_and_no_other()
    {
        var rows = File.ReadAllLines(OptionDocuments.PagePath)
            .Select(line => TableRow().Match(line))
            .Where(match => match.Success)
            .Select(match => (match.Groups["key"].Value, match.Groups["default"].Value, match.Groups["values"].Value));

        Assert.Equal(
            RecorderSettings
                .Options.Select(option =>
                    (
                        option.Key,
                        option.DefaultText.Length > 0 ? $"`{option.DefaultText}`"
                        : option.IsScalar ? "empty"
                        : "none",
                        option.Values ?? ""
                    )
                )
                .Order(),
            rows.Order()
        );
        Assert.Equal(OptionDocuments.Page(), File.ReadAllText(OptionDocuments.PagePath));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_option_that_a_page_names_is_one_and_has_the_default_that_the_page_tells(string page)
    {
        var sections = RecorderSettings
            .Options.Where(option => option.Key.Contains(':', StringComparison.Ordinal))
            .Select(option => option.Key.Split(':')[0])
            .ToHashSet();
        foreach (Match match in Named().Matches(File.ReadAllText(RepositoryRoot.Of(page))))
        {
            var key = match.Groups["key"].Value;
            var option = RecorderSettings.Options.FirstOrDefault(candidate => candidate.PartAt(key) is not null);
            if (option is null)
            {
                Assert.False(
                    sections.Contains(key.Split(':')[0]) && key.Contains(':', StringComparison.Ordinal),
                    $"{page} names {key}, which is no option."
                );
            }
            else if (
                option.IsScalar
                && OptionValues.IsNumber(option.Type)
                && OptionValues.Read(option.Type, match.Groups["value"].Value, option.Unit) is { } told
            )
            {
                Assert.True(
                    told.Magnitude == Magnitude(option, option.DefaultText),
                    $"{page} tells {match.Value}, and the default is {option.DefaultText}."
                );
            }
        }
    }

    [Fact]
    public void Short_names_and_earlier_names_lead_to_options_and_are_none()
    {
        var known = RecorderSettings.Options.Select(option => option.Key).ToHashSet();

        Assert.All(Shorthand.All, shorthand => Assert.Contains(shorthand.Key, known));
        Assert.All(
            RecorderSettings.Options.SelectMany(option => option.Former),
            former => Assert.DoesNotContain(former.Key, known)
        );
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Each_option_is_in_the_help_with_its_values_and_default(string key)
    {
        var option = Of(key);
        var help = new StringWriter();

        OptionsHelp.Write(help, int.MaxValue);

        var lines = help.ToString().Split(Environment.NewLine).ToList();
        var name = option.IsScalar || option.IsWords ? option.CommandLineName : option.Key;
        var line = lines.FindIndex(text => text.StartsWith($"  {name} ", StringComparison.Ordinal));
        Assert.True(line >= 0, $"The help does not list {key}.");
        var usual =
            option.DefaultText.Length > 0 ? option.DefaultText
            : option.IsScalar ? "empty"
            : "none";
        Assert.StartsWith($"      {option.Text}", lines[line + 1], StringComparison.Ordinal);
        Assert.EndsWith(
            $"[{(option.Values is { } values ? values + "; " : "")}default: {usual}]",
            lines[line + 1],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void No_two_options_share_a_name_on_the_command_line()
    {
        var names = RecorderSettings
            .Options.Where(option => option.IsScalar)
            .SelectMany(option => option.Former.Select(former => former.CommandLineName).Append(option.CommandLineName))
            .Concat(Shorthand.All.Select(shorthand => shorthand.CommandLineName))
            .Append("--config")
            .ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
    }

    private static RecorderOption Of(string key) => RecorderSettings.Options.Single(candidate => candidate.Key == key);

    private static double Magnitude(RecorderOption option, string value) =>
        OptionValues.Read(option.Type, value, option.Unit)!.Magnitude;

    [GeneratedRegex(@"^\| `(?<key>[A-Z]\w*(:[A-Z]\w*)?)` \| (?<default>`[^`]*`|empty|none) \| (?<values>[^|]*?) ?\| ")]
    private static partial Regex TableRow();

    [GeneratedRegex(@"`(?<key>[A-Z][A-Za-z]+(:[A-Za-z0-9]+)*)`( \((?<value>[^)]*)\))?")]
    private static partial Regex Named();
}
