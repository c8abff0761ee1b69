using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Recorder.Node.Commands;

/// <summary>The help of one command: System.CommandLine's own help, no wider than a page, and where to find the options
/// that the help omits.</summary>
internal sealed class CommandHelp : SynchronousCommandLineAction
{
    /// <summary>The greatest width, in characters.</summary>
    public const int Width = 100;

    private readonly HelpAction _help = new();

    /// <summary>Makes the action.</summary>
    public CommandHelp() => _help.MaxWidth = WidthOn(_help.MaxWidth);

    /// <summary>The width of a help text.</summary>
    /// <param name="terminal">The terminal's width, in characters. A terminal without a known size reports 0, as
    /// docker's terminal does while a container starts.</param>
    public static int WidthOn(int terminal) => terminal is > 0 and < Width ? terminal : Width;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => _help.ClearsParseErrors;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var result = _help.Invoke(parseResult);
        if (parseResult.CommandResult.Command.Options.Any(option => option.Hidden))
        {
            parseResult.InvocationConfiguration.Output.WriteLine(
                $"recorder {HelpCommand.Name} {HelpCommand.Options} tells of every option, and how each stands in a file or in the environment."
            );
        }
        return result;
    }
}
