using System.Collections.Immutable;

namespace Recorder.Cluster.Leases;

/// <summary>What a starting node knows of itself and of the database.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="Place">The node's place (<see cref="LeaseRow.Place"/>).</param>
/// <param name="Address">The node's address as host:port, or null when the system chooses the port.</param>
/// <param name="Alone">Whether the node is a farm of one, which shares its database with nobody.</param>
/// <param name="Farm">The farm's id in the database.</param>
/// <param name="FarmIsNew">Whether the farm's row was made just now.</param>
/// <param name="Rows">All rows of nodes.</param>
/// <param name="Kept">What the data folder keeps.</param>
/// <param name="KeptIn">The file that keeps it.</param>
/// <param name="Database">The database for people.</param>
internal sealed record RegistrationView(
    string Id,
    string Place,
    string? Address,
    bool Alone,
    string Farm,
    bool FarmIsNew,
    ImmutableList<LeaseRow> Rows,
    KeptLease? Kept,
    string KeptIn,
    string Database
);

/// <summary>What a starting node does.</summary>
/// <param name="Refusal">Why the node must not start, with the way out; null when the node may start.</param>
/// <param name="Blockers">The nodes that must be gone before this node starts; they are watched meanwhile.</param>
internal sealed record Registration(string? Refusal, ImmutableList<LeaseRow> Blockers);

/// <summary>Decides whether a node may take its row in the database. Pure.</summary>
internal static class RegistrationDecision
{
    /// <summary>The decision, before any watching.</summary>
    public static Registration Next(RegistrationView view)
    {
        var own = view.Rows.Find(row => row.Id == view.Id);
        if (WhyOtherDatabase(view, own) is { } refusal)
        {
            return new Registration(refusal, []);
        }
        return new Registration(
            null,
            [
                .. view.Rows.Where(row =>
                    row.Lives
                    && (row.Id == view.Id ? row.Place != view.Place : view.Alone || IsAddressOf(view, row))
                ),
            ]
        );
    }

    /// <summary>Why a node that has renewed its lease while this node watched keeps this node from starting.</summary>
    public static string WhyTaken(RegistrationView view, LeaseRow living) =>
        living.Id == view.Id
            ? $"Another process is this node: {living} renews the lease of the id that this data folder holds. The folder is a copy. "
                + "Remove the file node-id from the copy, and start again; the copy is then a node of its own."
        : view.Alone
            ? $"The database {view.Database} is in use: {living} renews its lease there, and a farm of one shares its database with nobody. "
                + "Give this node a database of its own (Database:File), or make both nodes one farm with --seed-nodes and a PostgreSQL."
        : $"The address {view.Address} is taken: {living} renews its lease in the database {view.Database}. Every node needs an address of its own: "
            + "set --hostname, or --public-hostname and --remoting-public-port, to where this machine is reached. The other node goes on.";

    private static bool IsAddressOf(RegistrationView view, LeaseRow row) =>
        view.Address is not null && row.Address == view.Address;

    private static string? WhyOtherDatabase(RegistrationView view, LeaseRow? own)
    {
        if (view.Kept is not { } kept || view.FarmIsNew)
        {
            return null;
        }
        if (kept.Farm != view.Farm)
        {
            return $"The database {view.Database} belongs to another farm: it holds the farm {view.Farm}, and this node was in the farm {kept.Farm}. "
                + $"Name the database of this node's farm, or remove {view.KeptIn} to let the node join the other farm.";
        }
        return kept.Node == view.Id && kept.Epoch > (own?.Epoch ?? 0)
            ? $"The database {view.Database} is older than this node's last start: it was restored from a backup, or a standby without the last writes took over. "
                + "Sessions and records made since then are missing in its lists; the files of records are still there. "
                + $"Bring the newer database back; or remove {view.KeptIn} on each node to go on with this one."
            : null;
    }
}
