using System.Collections.Immutable;
using System.Globalization;
using Dapper;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>The part of a query that keeps only sessions with some labels. Pure.</summary>
internal static class LabelCondition
{
    /// <summary>The joins for the labels, the column to select and order the sessions by, and the values of the
    /// labels. With labels, that column is the one of their own index, so that rare labels are found at once.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="session">The column of the session's id.</param>
    public static (string Joins, string Id, DynamicParameters Parameters) Of(
        ImmutableList<SessionLabel> labels,
        string session
    )
    {
        var parameters = new DynamicParameters();
        var joins = "";
        for (var index = 0; index < labels.Count; index++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"label{index}");
            joins +=
                $" JOIN labels {name} ON {name}.session_id = {session} AND {name}.key = @{name}k AND {name}.value = @{name}v";
            parameters.Add(name + "k", labels[index].Key);
            parameters.Add(name + "v", labels[index].Value);
        }
        return (joins, labels.IsEmpty ? session : "label0.session_id", parameters);
    }
}
