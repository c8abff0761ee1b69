using Spectre.Console;

namespace Recorder.Node.Commands;

/// <summary>Tables of plain text for people.</summary>
internal static class TableDisplay
{
    /// <summary>Writes a table, or a sentence in its place where the table has no rows.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="columns">The heads of the columns.</param>
    /// <param name="rows">The cells of each row, in the order of the columns.</param>
    /// <param name="none">The sentence.</param>
    public static void Write(TextWriter output, string[] columns, List<string[]> rows, string none)
    {
        if (rows.Count == 0)
        {
            output.WriteLine(none);
            return;
        }
        var table = new Table().Border(TableBorder.Simple).AddColumns(columns);
        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }
        SessionDisplay.ConsoleOn(output).Write(table);
    }
}
