using System.Globalization;

namespace Recorder.Harness.Nodes;

/// <summary>What a node under test is started with, in the names of its configuration.</summary>
internal sealed record RecorderNodeSettings
{
    /// <summary>The port of the HTTP API; null chooses a free one.</summary>
    public int? HttpPort { get; init; }

    /// <summary>The address on which the node answers HTTP and other nodes reach the node; not loopback: with an API
    /// key.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The address other nodes reach it by; null: <see cref="Host"/>.</summary>
    public string? FarmHost { get; init; }

    /// <summary>The port other nodes reach it by; null chooses a free one.</summary>
    public int? RemotingPort { get; init; }

    /// <summary>The network namespace that the node runs in; null: the machine's own.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>Certificates in PEM that are all it trusts, mounted over the system's, which needs root; null: the
    /// system's.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>A command line in front of the executable, which gives way to it, number and all.</summary>
    public IReadOnlyList<string> Around { get; init; } = [];

    /// <summary>What runs the node, and gives way to it; null: the executable, with <c>run</c>.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>How long the node may take to be ready.</summary>
    public TimeSpan ReadyLimit { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Where the node finds its farm, and the farm's database; null: it is a farm of one.</summary>
    public FarmMembership? Farm { get; init; }

    /// <summary>The key that the node's HTTP API asks for; null: none.</summary>
    public string? ApiKey => Host == "127.0.0.1" ? null : "key-of-the-end-to-end-tests";

    /// <summary>How many sessions the node holds at once.</summary>
    public int Sessions { get; init; } = 4;

    /// <summary>Whether the node rehearses a recording when it starts; its processes would be in the way of tests that
    /// look at those of sessions.</summary>
    public bool Rehearses { get; init; }

    /// <summary>Where records go; null: a folder of the node's own.</summary>
    public string? RecordsFolder { get; init; }

    /// <summary>How long a session may be away and still go on.</summary>
    public TimeSpan? ResumeWindow { get; init; }

    /// <summary>How long a start may take until its first frame is written.</summary>
    public TimeSpan? StartLimit { get; init; }

    /// <summary>How long a page may take to answer with its document.</summary>
    public TimeSpan? PageLimit { get; init; }

    /// <summary>Free space in the records folder below which records are finalised and none is begun, in MB.</summary>
    public int MinimumFreeMegabytes { get; init; } = 50;

    /// <summary>The origin whose pages may call, or <c>*</c> for those that may play; null: none.</summary>
    public string? AllowedOrigin { get; init; }

    /// <summary>What of its own network the node and its pages may reach: by default this machine and the networks of
    /// <see cref="FarmNetwork"/>, where the pages of the tests are.</summary>
    public string NetworkAllow { get; init; } = "127.0.0.0/8, ::1, 10.0.0.0/8";

    /// <summary>The command that is run for each closed record; null: none.</summary>
    public string? DeliveryCommand { get; init; }

    /// <summary>An S3 store that gets each record while the record grows; null: none.</summary>
    public Uri? GrowingStore { get; init; }

    /// <summary>How long records are kept, such as <c>3 s</c>; null: for ever.</summary>
    public string? Retention { get; init; }

    /// <summary>More options by their names in the environment, such as <c>Media__PageMemory</c>.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The environment variables that say all this to <c>recorder run</c>.</summary>
    public Dictionary<string, string> Environment(
        int httpPort,
        int remotingPort,
        string dataFolder,
        string recordsFolder,
        string runFolder
    )
    {
        var settings = new Dictionary<string, string>
        {
            ["Data"] = dataFolder,
            ["DiskLowWater"] = $"{Text(MinimumFreeMegabytes)} MB",
            ["Http__Listen"] = $"http://{Host}:{Text(httpPort)}",
            // The networks of tests exist on this machine only.
            ["Http__BehindProxy"] = "true",
            ["Remoting__Port"] = Text(remotingPort),
            ["Placement__Sessions"] = Text(Sessions),
            // Tests share their processors with builds and with each other.
            ["Capacity__CpuClosedAbove"] = "100",
            ["Media__RecordsFolder"] = recordsFolder,
            ["Media__RunRoot"] = runFolder,
            ["Media__Rehearse"] = Rehearses ? "true" : "false",
            ["Media__MinimumFree"] = $"{Text(MinimumFreeMegabytes)} MB",
        };
        foreach (var (name, value) in Options)
        {
            settings[name] = value;
        }
        if (Retention is not null)
        {
            settings["Retention__Default"] = Retention;
            settings["Retention__SweepInterval"] = "1 s";
        }
        if (FarmHost is not null)
        {
            settings["Remoting__Hostname"] = FarmHost;
        }
        if (Farm is not null)
        {
            settings["Roles"] = Farm.Roles;
            settings["SeedNodes"] = Farm.SeedNodes;
            settings["Database__ConnectionString"] = Farm.ConnectionString;
            if (Farm.HasSecret)
            {
                settings["Remoting__SecretFile"] = dataFolder + ".secret";
                File.WriteAllText(
                    settings["Remoting__SecretFile"],
                    "the secret that all farms of the end-to-end tests share\n"
                );
            }
        }

        if (ApiKey is not null)
        {
            settings["Http__Keys__0__Name"] = "tests";
            settings["Http__Keys__0__Key"] = ApiKey;
            settings["Http__Keys__0__Scope"] = "Admin";
        }

        if (ResumeWindow is { } window)
        {
            settings["Sessions__ResumeWindow"] = Seconds(window);
        }
        if (StartLimit is { } start)
        {
            settings["Sessions__StartLimit"] = Seconds(start);
        }
        if (AllowedOrigin is not null)
        {
            settings["Http__AllowedOrigins__0"] = AllowedOrigin;
        }
        settings["Network__Allow"] = NetworkAllow;
        if (DeliveryCommand is not null)
        {
            settings["Delivery__Command"] = DeliveryCommand;
            settings["Delivery__CommandArguments__0"] = "--to=a b";
        }

        if (GrowingStore is { } store)
        {
            settings["Delivery__Default__0"] = "store";
            settings["Delivery__CompleteAfter"] = "10 s";
            settings["Destinations__store__Kind"] = "S3";
            settings["Destinations__store__Endpoint"] = store.GetLeftPart(UriPartial.Authority);
            settings["Destinations__store__Bucket"] = "records";
            settings["Destinations__store__PathStyle"] = "true";
            settings["Destinations__store__User"] = "user";
            settings["Destinations__store__Secret"] = "secret";
            settings["Destinations__store__PartSize"] = "5 MiB";
            settings["Destinations__store__WhileRecording"] = "true";
        }
        if (PageLimit is { } page)
        {
            settings["Media__PageLimit"] = Seconds(page);
        }
        return settings.ToDictionary(setting => "RECORDER_" + setting.Key, setting => setting.Value);
    }

    private static string Seconds(TimeSpan time) => $"{Text((int)time.TotalSeconds)} s";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What makes a node one of a farm.</summary>
/// <param name="Roles">Parted by commas: recorder, edge, voter.</param>
/// <param name="SeedNodes">host:port, parted by commas.</param>
/// <param name="ConnectionString">Of the PostgreSQL all nodes share.</param>
/// <param name="HasSecret">Whether connections between the nodes are encrypted.</param>
internal sealed record FarmMembership(string Roles, string SeedNodes, string ConnectionString, bool HasSecret = true);
