using System.ComponentModel;
using Recorder.Cluster.Settings;

namespace Recorder.Cluster.Database;

/// <summary>Where events are kept; section <c>Recorder:Database</c>.</summary>
[Description("Where the farm's events are kept.")]
public sealed class DatabaseOptions
{
    /// <summary>The SQLite file of a farm of one.</summary>
    [Description("The SQLite file of a farm of one node. Empty: recorder.db in the data folder.")]
    public string File { get; set; } = "";

    /// <summary>The PostgreSQL of a farm of several nodes, in Npgsql's form.</summary>
    [Description(
        "The PostgreSQL that all nodes of a farm share, such as "
            + "Host=db.example.org;Database=recorder;Username=recorder. Every user of the machine can see a "
            + "password on the command line. Give the password in the environment or in a file. Empty: SQLite."
    )]
    public string ConnectionString { get; set; } = "";

    /// <summary>The file with the password of <see cref="ConnectionString"/>.</summary>
    [Description(
        "A file whose first line is the password of ConnectionString. Empty: the password comes from "
            + "ConnectionString, PGPASSWORD or PGPASSFILE."
    )]
    public string PasswordFile { get; set; } = "";

    /// <summary>How long an event waits for a database that is away.</summary>
    [Description(
        "How long an event waits for a database that is away before its session gives up. The recording goes "
            + "on meanwhile."
    )]
    [Range("1 s", "7 d")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromHours(1);
}
