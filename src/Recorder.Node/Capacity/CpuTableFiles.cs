using Recorder.Cluster.Capacity;
using Recorder.Node.Configuration;

namespace Recorder.Node.Capacity;

/// <summary>The two files of the CPU table. One file ships with the program; calibration writes the other into the data
/// folder.</summary>
internal static class CpuTableFiles
{
    private const string Name = "cpu-table.csv";
    private const string Without = "set Placement:Sessions, with which no table is read";

    /// <summary>The path of the file with this host's own rows.</summary>
    public static string MeasuredIn(string dataFolder) => Path.Combine(dataFolder, Name);

    /// <summary>Decides how many slots this node has.</summary>
    /// <param name="settings">The settings, with an absolute data folder.</param>
    /// <param name="host">The part of the host that the node may use.</param>
    /// <exception cref="StartRefusedException">A table cannot be read, or the options contradict each
    /// other.</exception>
    public static NodeSlots DecideSlots(RecorderSettings settings, HostFacts host)
    {
        var options = settings.Cluster.Capacity;
        if (options.CpuOpenBelow > options.CpuClosedAbove)
        {
            throw new StartRefusedException(
                $"Capacity:CpuOpenBelow is {options.CpuOpenBelow} and above Capacity:CpuClosedAbove, {options.CpuClosedAbove}: the node would open and close at once. Lower the first or raise the second."
            );
        }

        var configured = settings.Cluster.Placement.Sessions;
        return configured > 0
            ? SlotDecision.Decide(configured, CpuTable.Empty, CpuTable.Empty, host, options)
            : SlotDecision.Decide(0, ReadMeasured(settings.Node.Data), ReadTable(options), host, options);
    }

    /// <summary>Reads the rows measured on this host; there are none when the host was never calibrated.</summary>
    /// <exception cref="StartRefusedException">The file cannot be read.</exception>
    public static CpuTable ReadMeasured(string dataFolder)
    {
        var file = MeasuredIn(dataFolder);
        return File.Exists(file)
            ? Read(file, $"Correct the line, remove the file and measure again by recorder calibrate, or {Without}.")
            : CpuTable.Empty;
    }

    /// <summary>Writes a row of this host into the file with this host's own rows, in one atomic step.</summary>
    /// <exception cref="StartRefusedException">The existing file cannot be read, or the new file cannot be
    /// written.</exception>
    public static void SaveMeasured(string dataFolder, CpuRow row)
    {
        var file = MeasuredIn(dataFolder);
        var text = ReadMeasured(dataFolder)
            .With(row)
            .Write(
                "Measured by recorder calibrate. The columns are explained in the cpu-table.csv beside the program."
            );
        var draft = file + ".new";
        try
        {
            File.WriteAllText(draft, text);
            File.Move(draft, file, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                $"The measured row could not be saved in {file}: {error.Message.TrimEnd('.')}. Make the data folder writable for {Environment.UserName}."
            );
        }
    }

    private static CpuTable ReadTable(CapacityOptions options)
    {
        var file =
            options.CpuTable.Length > 0
                ? Path.GetFullPath(options.CpuTable)
                : Path.Combine(AppContext.BaseDirectory, Name);
        return Read(file, $"Correct the line, name another file by Capacity:CpuTable, or {Without}.");
    }

    private static CpuTable Read(string file, string wayOut)
    {
        try
        {
            return CpuTable.Parse(file, File.ReadAllText(file));
        }
        catch (CpuTableException error)
        {
            throw new StartRefusedException($"{error.Message} {wayOut}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                $"The CPU table {file} cannot be read: {error.Message.TrimEnd('.')}. Make it readable, name another file by Capacity:CpuTable, or {Without}."
            );
        }
    }
}
