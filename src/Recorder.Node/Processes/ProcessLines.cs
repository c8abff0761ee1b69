using System.Text;

namespace Recorder.Node.Processes;

/// <summary>Reads lines from a pipe and limits their length, so that a process that never ends a line costs no
/// memory.</summary>
internal static class ProcessLines
{
    /// <summary>The longest line of a program that is not ours, in characters; longer lines are cut off.</summary>
    public const int LongestLine = 64 * 1024;

    /// <summary>Calls <paramref name="take"/> for each line until the pipe ends or breaks.</summary>
    /// <param name="pipe">The pipe; it is closed at the end.</param>
    /// <param name="take">Takes the lines one after the other.</param>
    /// <param name="longest">The longest line, in characters; longer lines are cut off.</param>
    public static async Task ReadAsync(Stream pipe, Action<string> take, int longest = LongestLine)
    {
        using var reader = new StreamReader(pipe, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        var chunk = new char[4096];
        var line = new StringBuilder();
        try
        {
            while (true)
            {
                var count = await reader.ReadAsync(chunk);
                if (count == 0)
                {
                    break;
                }
                foreach (var character in chunk.AsSpan(0, count))
                {
                    if (character == '\n')
                    {
                        Complete();
                    }
                    else if (character != '\r' && line.Length < longest)
                    {
                        line.Append(character);
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // A broken pipe counts as the end of the output.
        }

        if (line.Length > 0)
        {
            Complete();
        }

        void Complete()
        {
            take(line.ToString());
            line.Clear();
        }
    }
}
