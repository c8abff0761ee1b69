using System.CommandLine;

namespace Recorder.Node.Commands;

/// <summary><c>recorder help</c>: the help of the program, of a command, or of every option.</summary>
internal static class HelpCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "help";

    /// <summary>The argument that shows every option.</summary>
    public const string Options = "options";

    /// <summary>Makes the command.</summary>
    /// <param name="root">The command line whose commands the help describes.</param>
    public static Command Create(RootCommand root)
    {
        var topic = new Argument<string[]>("topic")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "A command, such as run or cluster drain; or options, which tells of every option.",
        };
        var help = new Command(Name, $"Tell of a command, or of every option: {Name} {Options}.") { topic };
        help.SetAction(
            async (parsed, cancellation) =>
            {
                var words = parsed.GetValue(topic) ?? [];
                var console = parsed.InvocationConfiguration;
                if (words is [Options])
                {
                    OptionsHelp.Write(console.Output, OptionsHelp.WidthOf(console.Output));
                    return 0;
                }

                Command? command = root;
                foreach (var word in words)
                {
                    command = command?.Subcommands.FirstOrDefault(candidate => candidate.Name == word);
                }
                if (command is not null)
                {
                    return await root.Parse([.. words, "--help"]).InvokeAsync(console, cancellation);
                }
                await console.Error.WriteLineAsync(
                    $"recorder: There is no command {string.Join(' ', words)}. recorder --help lists the commands, recorder help options the options."
                );
                return RecorderCommandLine.WrongUse;
            }
        );
        return help;
    }
}
