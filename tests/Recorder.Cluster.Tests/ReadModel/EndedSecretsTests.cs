using System.Text;
using Akka.Actor;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.ReadModel;

/// <summary>The database keeps no stream key and no query of an address once a session has ended.</summary>
[Trait("ring", "farm")]
public sealed class EndedSecretsTests(TestPostgres postgres) : IClassFixture<TestPostgres>, IDisposable
{
    private const string Key = "the same again";

    private static readonly string[] Secrets =
    [
        "SECRETPASSWORD",
        "SECRETTOKEN",
        "SECRETPART",
        "SECRETKEY",
        "SECRETPHRASE",
        "SECRETHEADER",
        "SECRETFIELD",
        "SECRETSCRIPT",
    ];

    private static readonly PageSessionSpec Spec = new(
        new Uri("https://anna:SECRETPASSWORD@meet.example.org/room?token=SECRETTOKEN#SECRETPART")
    )
    {
        Name = "weekly",
        Mode = RecordingMode.Both,
        StreamTargets =
        [
            new StreamTarget("rtmp://live.example.org/app/SECRETKEY"),
            new StreamTarget("srt://live.example.org:9000?passphrase=SECRETPHRASE"),
        ],
        Settings = new PageSettings
        {
            Headers = [new PageHeader("X-Key", PageText.Of("SECRETHEADER"))],
            Script = "use('SECRETSCRIPT')",
            Steps = [new PageStep(PageStepKind.Fill, "#name") { Value = PageText.Of("SECRETFIELD") }],
        },
    };

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Secrets_are_gone_after_the_end_and_the_rest_is_as_it_was(DatabaseKind kind)
    {
        SessionId id;
        await using (var node = await StartAsync(kind))
        {
            id = await RecordAsync(node);
            var during = await StoredAsync(node, kind);
            Assert.All(Secrets, secret => Assert.Contains(secret, during, StringComparison.Ordinal));

            await node.StopAsync(id);

            await Eventually.BeAsync(
                "nothing stored has a secret",
                TestNode.FarmLimit,
                async () =>
                {
                    var stored = await StoredAsync(node, kind);
                    return !Secrets.Any(secret => stored.Contains(secret, StringComparison.Ordinal));
                }
            );
            await AssertToldAsync(node, id);
        }

        // A node that starts anew reads what was rewritten, and knows the session by its key.
        await using var after = await StartAsync(kind);
        await AssertToldAsync(after, id);
        Assert.Equal(id, (await AdmittedAsync(after)).Id);
        Assert.IsType<StopDone>(await after.StopAsync(id));
    }

    [Fact]
    public void What_is_bare_stays_as_it_is()
    {
        var bare = EndedSecrets.Without(Spec);

        var page = Assert.IsType<PageSessionSpec>(bare);
        Assert.Equal("https://meet.example.org/room", $"{page.Page}");
        Assert.Equal(
            ["rtmp://live.example.org/app/…", "srt://live.example.org:9000?…"],
            page.StreamTargets.Select(target => target.Address)
        );
        Assert.Equivalent(bare, EndedSecrets.Without(bare));
        var placed = new SessionPlaced(new SessionId(7), 1, "a", Spec, null, DateTimeOffset.UnixEpoch);
        Assert.Null(EndedSecrets.Without(placed, _ => false));
    }

    private static async Task AssertToldAsync(TestNode node, SessionId id)
    {
        SessionSummary? told = null;
        await Eventually.BeAsync(
            $"session {id} is in the lists",
            TestNode.FarmLimit,
            async () => (told = await node.Archive.FindAsync(id, CancellationToken.None)) is not null
        );
        var spec = Assert.IsType<PageSessionSpec>(told!.Spec);
        Assert.Equal(("weekly", "https://meet.example.org/room"), (spec.Name, $"{spec.Page}"));
        Assert.Equal(2, spec.StreamTargets.Count);
        Assert.True(Assert.Single(told.Records).Finished);
    }

    private static async Task<SessionAdmitted> AdmittedAsync(TestNode node)
    {
        AdmissionReply? reply = null;
        await Eventually.BeAsync(
            "the farm admits the session",
            TestNode.FarmLimit,
            async () =>
                (reply = await node.Placement.Ask<AdmissionReply>(new AdmitSession(Spec, Key), TestNode.Limit))
                    is SessionAdmitted
        );
        return (SessionAdmitted)reply!;
    }

    private static async Task<SessionId> RecordAsync(TestNode node)
    {
        var admitted = await AdmittedAsync(node);
        Assert.IsType<SessionRecords>(
            await node.Sessions.Ask<StartReply>(
                new StartSession(admitted.Id, Spec) { Node = admitted.Node }.To(admitted.Shard),
                TestNode.Limit
            )
        );
        return admitted.Id;
    }

    /// <summary>Everything that the database holds: the bytes of its files, or of its tables.</summary>
    private async Task<string> StoredAsync(TestNode node, DatabaseKind kind)
    {
        if (kind == DatabaseKind.Sqlite)
        {
            var bytes = new StringBuilder();
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_folder.Database)!, "recorder.db*"))
            {
                await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var reader = new StreamReader(open, Encoding.Latin1);
                bytes.Append(await reader.ReadToEndAsync());
            }
            return bytes.ToString();
        }
        await using var connection = await node.Database.OpenAsync(CancellationToken.None);
        var tables = await connection.QueryAsync<string>(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        );
        var rows = new StringBuilder();
        foreach (var table in tables)
        {
            foreach (var row in await connection.QueryAsync($"SELECT * FROM {table}"))
            {
                foreach (var value in ((IDictionary<string, object?>)row).Values)
                {
                    rows.Append(value is byte[] bytes ? Encoding.Latin1.GetString(bytes) : $"{value}").Append('\n');
                }
            }
        }
        return rows.ToString();
    }

    private Task<TestNode> StartAsync(DatabaseKind kind) =>
        TestNode.StartAsync(
            _folder,
            options =>
            {
                options.Retention.Secrets = TimeSpan.Zero;
                if (kind == DatabaseKind.Postgres)
                {
                    options.Database.ConnectionString = TestPostgres.ConnectionBy(postgres.Port);
                }
            }
        );
}
