using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Recorder.Cluster.Capacity;

/// <summary>How much of a host a number of simultaneous recordings took.</summary>
/// <param name="Recordings">The total cost of the recordings (<see cref="SessionCost"/>), 0 to 10000; 0 is the idle
/// host.</param>
/// <param name="CpuPercent">Processor time, in percent of one thread: 8 busy threads are 800.</param>
/// <param name="MemoryPercent">Memory, in percent of the host's memory, 0 to 100.</param>
/// <param name="DistinctFrames">The share of frames that showed a new picture, 0 to 1, in the recording with the
/// smallest share; null when not measured.</param>
public sealed record CpuMeasurement(
    decimal Recordings,
    double CpuPercent,
    double MemoryPercent,
    double? DistinctFrames
);

/// <summary>All measurements of one host.</summary>
/// <param name="Cpu">The processor's name, or a part of it, as in /proc/cpuinfo.</param>
/// <param name="Threads">Usable hardware threads. A fraction counts where a control group allows a share of a
/// thread.</param>
/// <param name="MemoryGigabytes">Memory in GB.</param>
/// <param name="Measurements">The measurements, in the order of their number of recordings.</param>
public sealed record CpuRow(
    string Cpu,
    double Threads,
    double MemoryGigabytes,
    ImmutableList<CpuMeasurement> Measurements
);

/// <summary>The CPU table: a commented file of comma-separated values. Pure.</summary>
public sealed record CpuTable(ImmutableList<CpuRow> Rows)
{
    private const string Header = "cpu,threads,memory_gb,recordings,cpu_percent,memory_percent,distinct_frames";

    private const int NumbersInLine = 6;

    /// <summary>A table without rows.</summary>
    public static CpuTable Empty { get; } = new([]);

    /// <summary>Reads a table.</summary>
    /// <param name="file">The file's name, for the error.</param>
    /// <param name="text">The file's text. Empty lines and lines that begin with # are skipped; the first other line
    /// is the header.</param>
    /// <exception cref="CpuTableException">The text is no table; the message names file and line.</exception>
    public static CpuTable Parse(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var table = Empty;
        var headed = false;
        foreach (var (index, raw) in text.Split('\n').Index())
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            try
            {
                if (headed)
                {
                    table = table.Add(ParseLine(line));
                }
                else if (line != Header)
                {
                    throw new FormatException($"there should be the names of the columns: {Header}");
                }
            }
            catch (FormatException error)
            {
                throw new CpuTableException(
                    $"The CPU table {file} is wrong in line {index + 1}: {error.Message}.",
                    error
                );
            }

            headed = true;
        }

        return headed
            ? table
            : throw new CpuTableException(
                $"The CPU table {file} is wrong in line 1: it is empty, without even the names of the columns."
            );
    }

    /// <summary>Writes the table in the form that <see cref="Parse"/> reads.</summary>
    /// <param name="comment">Comment lines about the table, put before the header.</param>
    public string Write(params IEnumerable<string> comment)
    {
        var text = new StringBuilder();
        foreach (var line in comment)
        {
            text.Append("# ").Append(line).Append('\n');
        }
        text.Append(Header).Append('\n');
        foreach (var row in Rows)
        {
            foreach (var one in row.Measurements)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{row.Cpu},{row.Threads},{row.MemoryGigabytes},{one.Recordings},{one.CpuPercent},{one.MemoryPercent},{one.DistinctFrames}\n"
                );
            }
        }

        return text.ToString();
    }

    /// <summary>The table with this row, which replaces a row of the same processor and number of threads.</summary>
    public CpuTable With(CpuRow row) => new([.. Rows.Where(other => !IsSame(other, row)), row]);

    private static bool IsSame(CpuRow one, CpuRow other) => one.Cpu == other.Cpu && one.Threads.Equals(other.Threads);

    private static CpuRow ParseLine(string line)
    {
        // The name comes first and may contain commas.
        var fields = line.Split(',');
        if (fields.Length <= NumbersInLine)
        {
            throw new FormatException($"there are {fields.Length} values instead of {NumbersInLine + 1} ({Header})");
        }
        var name = string.Join(',', fields[..^NumbersInLine]).Trim();
        if (name.Length == 0)
        {
            throw new FormatException("the name of the cpu is missing");
        }
        var values = fields[^NumbersInLine..];
        var measured = new CpuMeasurement(
            (decimal)Number("recordings", values[2], 0, 10_000),
            Number("cpu_percent", values[3], 0, 1_000_000),
            Number("memory_percent", values[4], 0, 100),
            string.IsNullOrWhiteSpace(values[5]) ? null : Number("distinct_frames", values[5], 0, 1)
        );
        return new CpuRow(
            name,
            Number("threads", values[0], 0.01, 10_000),
            Number("memory_gb", values[1], 0.01, 1_000_000),
            [measured]
        );
    }

    private static double Number(string column, string text, double least, double most) =>
        double.TryParse(
            text,
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture,
            out var number
        )
        && number >= least
        && number <= most
            ? number
            : throw new FormatException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{column} is \"{text.Trim()}\" and must be a number from {least} to {most}"
                )
            );

    private CpuTable Add(CpuRow line)
    {
        var index = Rows.FindIndex(row => IsSame(row, line));
        if (index < 0)
        {
            return new CpuTable(Rows.Add(line));
        }
        var row = Rows[index];
        if (!row.MemoryGigabytes.Equals(line.MemoryGigabytes))
        {
            throw new FormatException($"memory_gb differs from the lines of {row.Cpu} above");
        }
        if (row.Measurements[^1].Recordings >= line.Measurements[0].Recordings)
        {
            throw new FormatException($"recordings must grow from line to line of {row.Cpu}");
        }
        return new CpuTable(
            Rows.SetItem(index, row with { Measurements = row.Measurements.AddRange(line.Measurements) })
        );
    }
}

/// <summary>A CPU table cannot be read; the message is a sentence that names file and line.</summary>
public sealed class CpuTableException(string message, Exception? cause = null) : Exception(message, cause);
