using Recorder.Node.Commands;
using Recorder.Node.Hosting;

namespace Recorder.Node.Tests.Commands;

/// <summary>appsettings.json, the help and the options classes say the same.</summary>
public sealed class OptionsAgreeTests
{
    private static readonly IReadOnlyList<OptionReference.Entry> File = OptionReference.Read();

    public static TheoryData<string> Keys => [.. RecorderSettings.Options.Select(option => option.Key)];

    public static TheoryData<string> NumberKeys => [.. RecorderSettings.Options
        .Where(option => option.IsScalar && option.Type != typeof(string) && option.Type != typeof(bool) && !option.Type.IsEnum)
        .Select(option => option.Key)];

    [Fact]
    public void Options_of_every_part_of_a_node_are_known()
    {
        string[] oneOfEach = ["Data", "Remoting:Port", "Sessions:StartLimit", "Placement:Shards"];

        Assert.Superset(oneOfEach.ToHashSet(), RecorderSettings.Options.Select(option => option.Key).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Each_option_is_in_the_file_with_a_comment_and_its_default(string key)
    {
        var option = RecorderSettings.Options.Single(candidate => candidate.Key == key);

        var entry = Assert.Single(File, candidate => candidate.Key == key);

        Assert.NotEmpty(entry.Comment);
        Assert.Equal(OptionKey.Write(option.Default), entry.Value);
    }

    [Theory]
    [MemberData(nameof(NumberKeys))]
    public void Each_number_and_duration_has_a_range_that_holds_its_default_and_stands_in_its_comment(string key)
    {
        var option = RecorderSettings.Options.Single(candidate => candidate.Key == key);
        var entry = File.Single(candidate => candidate.Key == key);

        Assert.True(OptionRange.ByKey.TryGetValue(key, out var range), $"{key} has no range.");
        OptionChecks.Normalize(option, entry.Value, $"The file sets {key}", out var problem);

        Assert.Null(problem);
        Assert.Contains(range.Describe(option.Type), entry.Comment, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_and_the_ranges_name_no_option_that_is_gone()
    {
        var known = RecorderSettings.Options.Select(option => option.Key).ToHashSet();

        Assert.All(File, entry => Assert.Contains(entry.Key, known));
        Assert.All(OptionRange.ByKey.Keys, key => Assert.Contains(key, known));
        Assert.All(Shorthand.All, shorthand => Assert.Contains(shorthand.Key, known));
        Assert.All(FormerOption.All, former => Assert.True(known.Contains(former.Now) && !known.Contains(former.Key), $"{former} leads to no option, or is one."));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Each_option_is_in_the_help_with_its_default(string key)
    {
        var option = RecorderSettings.Options.Single(candidate => candidate.Key == key);
        var help = new StringWriter();

        OptionsHelp.Write(help, int.MaxValue);

        var lines = help.ToString().Split(Environment.NewLine).ToList();
        var line = lines.FindIndex(text => text.StartsWith($"  {(option.IsScalar ? option.CommandLineName : option.Key)} ", StringComparison.Ordinal));
        Assert.True(line >= 0, $"The help does not list {key}.");
        var value = OptionKey.Write(option.Default);
        Assert.EndsWith($"[default: {(value.Length > 0 ? value : option.IsScalar ? "empty" : "none")}]", lines[line + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void No_two_options_share_a_name_on_the_command_line()
    {
        var names = RecorderSettings.Options.Where(option => option.IsScalar).Select(option => option.CommandLineName)
            .Concat(FormerOption.All.Select(former => former.Option.CommandLineName))
            .Concat(Shorthand.All.Select(shorthand => shorthand.CommandLineName)).Append("--config").ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
    }
}
