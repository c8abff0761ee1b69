using System.Data.Common;
using Npgsql;

namespace Recorder.Cluster.ReadModel;

/// <summary>The condition on the deliveries of a record. Failed ones are few, and have an index of their own (script
/// 0070), whose condition must be the same text as the one here.</summary>
internal static class DeliveryCondition
{
    /// <summary>The condition, beginning with AND; empty without one.</summary>
    /// <param name="wanted">Which deliveries are asked for.</param>
    /// <param name="connection">The database.</param>
    public static string Of(ArchivedDeliveries? wanted, DbConnection connection)
    {
        var find = connection is NpgsqlConnection ? "strpos" : "instr";
        return wanted switch
        {
            ArchivedDeliveries.Any => $"""AND {find}(records.body, '"deliveries":[{"{"}') > 0""",
            ArchivedDeliveries.GivenUp => $"""AND {find}(records.body, '"state":"given_up"') > 0""",
            _ => "",
        };
    }
}
