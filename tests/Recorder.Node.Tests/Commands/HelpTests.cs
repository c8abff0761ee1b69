using System.CommandLine;
using Recorder.Node.Commands;
using Recorder.Node.Configuration;

namespace Recorder.Node.Tests.Commands;

/// <summary>The help is for people: each command's fits a screen, and every option is told of somewhere.</summary>
public sealed class HelpTests
{
    private const int ScreenLines = 28;

    public static TheoryData<string> CommandNames => [.. CommandsUnder(RecorderCommandLine.Create(), "")];

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task The_help_of_a_command_fits_a_screen_and_tells_of_that_command(string name)
    {
        var command = name.Split(' ')
            .Aggregate<string, Command>(
                RecorderCommandLine.Create(),
                (parent, word) => parent.Subcommands.Single(candidate => candidate.Name == word)
            );

        var help = await AskAsync([.. name.Split(' '), "--help"]);

        var lines = help.TrimEnd().Split(Environment.NewLine);
        Assert.True(lines.Length <= ScreenLines, $"{lines.Length} lines:{Environment.NewLine}{help}");
        Assert.All(lines, line => Assert.InRange(line.Length, 0, CommandHelp.Width));
        Assert.Contains(
            command.Description!,
            string.Join(' ', help.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal
        );
        Assert.Contains($" {name}", help, StringComparison.Ordinal);
        Assert.All(
            command.Subcommands,
            subcommand => Assert.Contains($"  {subcommand.Name} ", help, StringComparison.Ordinal)
        );
        Assert.All(
            command.Options.Where(option => !option.Hidden),
            option =>
            {
                Assert.Contains(option.Name, help, StringComparison.Ordinal);
                Assert.False(string.IsNullOrEmpty(option.Description), $"{option.Name} of {name} has no text.");
            }
        );
        Assert.Equal(help, await AskAsync(["help", .. name.Split(' ')]));
    }

    [Fact]
    public async Task The_help_of_the_program_tells_the_commands_and_the_ten_options_most_people_use()
    {
        var help = await AskAsync("--help");

        var lines = help.Split(Environment.NewLine);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, CommandHelp.Width));
        Assert.All(
            RecorderCommandLine.Create().Subcommands,
            command => Assert.Single(lines, line => line.StartsWith($"  {command.Name} ", StringComparison.Ordinal))
        );
        Assert.Equal(
            SettingsOptions.MostUsed.Prepend(SettingsOptions.ConfigName),
            lines
                .Select(line => line.Trim().Split(' ')[0])
                .Where(word => word.StartsWith("--", StringComparison.Ordinal) && word != "--version")
        );
        Assert.Equal(10, SettingsOptions.MostUsed.Count + 1);
        Assert.Contains("recorder help options", help, StringComparison.Ordinal);
        Assert.Equal(help, await AskAsync("help"));
    }

    [Fact]
    public async Task The_help_of_options_has_every_option_that_a_node_takes()
    {
        var help = await AskAsync("help", "options");

        var run = RecorderCommandLine.Create().Subcommands.Single(command => command.Name == "run");
        Assert.True(run.Options.Count > RecorderSettings.Options.Count, "run does not take every option.");
        var former = RecorderSettings
            .Options.SelectMany(option => option.Former)
            .Select(one => one.CommandLineName)
            .ToHashSet();
        Assert.All(
            run.Options.Where(option => !former.Contains(option.Name)),
            option => Assert.Contains($"  {option.Name} ", help, StringComparison.Ordinal)
        );
        Assert.All(
            RecorderSettings.Options.Where(option => !option.IsScalar && !option.IsWords),
            option => Assert.Contains($"  {option.Key} ", help, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        var code = await RecorderCommandLine
            .Create()
            .Parse(["help", "cluster", "join"])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });

        Assert.Equal(RecorderCommandLine.WrongUse, code);
        Assert.Empty(output.ToString());
        Assert.StartsWith("recorder: There is no command cluster join.", errors.ToString(), StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await RecorderCommandLine
            .Create()
            .Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
        Assert.Equal(0, code);
        Assert.Empty(errors.ToString());
        return output.ToString();
    }

    private static IEnumerable<string> CommandsUnder(Command parent, string names) =>
        parent.Subcommands.SelectMany(command =>
            CommandsUnder(command, $"{names}{command.Name} ").Prepend(names + command.Name)
        );

    [Theory]
    [InlineData(0, 100)]
    [InlineData(-1, 100)]
    [InlineData(80, 80)]
    [InlineData(100, 100)]
    [InlineData(250, 100)]
    public void A_terminal_without_a_size_gets_the_help_of_a_wide_one(int terminal, int width) =>
        Assert.Equal(width, CommandHelp.WidthOn(terminal));
}
