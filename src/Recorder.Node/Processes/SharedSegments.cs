using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>The System V shared memory segments of this host, as <c>/proc/sysvipc/shm</c> lists them.</summary>
internal static class SharedSegments
{
    private const int Id = 1;
    private const int Creator = 4;
    private const int Attached = 6;

    /// <summary>The ids of segments that a process created and to which no process is attached any more.</summary>
    public static ImmutableArray<int> LeftBy(int creator, string listing) =>
        [
            .. from line in listing.Split('\n')
            let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where fields.Length > Attached && Number(fields[Creator]) == creator && Number(fields[Attached]) == 0
            let id = Number(fields[Id])
            where id is not null
            select id.Value,
        ];

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
