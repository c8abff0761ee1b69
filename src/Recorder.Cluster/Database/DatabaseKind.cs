namespace Recorder.Cluster.Database;

/// <summary>The databases that a farm can use. SQL that differs between the kinds is chosen by this value.</summary>
public enum DatabaseKind
{
    /// <summary>A file of a farm of one.</summary>
    Sqlite,

    /// <summary>The server that the nodes of a farm share.</summary>
    Postgres,
}
