using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>A System V shared memory segment.</summary>
/// <param name="Id">The segment's id.</param>
/// <param name="Owner">The number of its owner.</param>
internal readonly record struct SharedSegment(int Id, uint Owner);

/// <summary>The System V shared memory segments of this host, as <c>/proc/sysvipc/shm</c> lists them.</summary>
internal static class SharedSegments
{
    private const int Id = 1;
    private const int Creator = 4;
    private const int Attached = 6;
    private const int Owner = 7;

    /// <summary>The segments that a process created and to which no process is attached any more.</summary>
    public static ImmutableArray<SharedSegment> LeftBy(int creator, string listing) =>
        [
            .. from line in listing.Split('\n')
            let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where fields.Length > Owner && Number(fields[Creator]) == creator && Number(fields[Attached]) == 0
            let id = Number(fields[Id])
            let owner = Number(fields[Owner])
            where id is not null && owner is not null
            select new SharedSegment((int)id.Value, owner.Value),
        ];

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
