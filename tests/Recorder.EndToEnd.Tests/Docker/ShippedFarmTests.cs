using System.Globalization;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Docker;

/// <summary>
/// A farm of three containers with PostgreSQL: two are confined and told what deploy/compose.farm.yaml says, the third
/// as deploy/k8s/recorder.yaml says of a pod. Names and addresses are this machine's, in network namespaces of the
/// test's own.
/// </summary>
[Collection(Containers.Name)]
[Trait("ring", "media")]
public sealed class ShippedFarmTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Key = "operator-key-of-the-test-farm";
    private const uint NodeUser = 34568;

    private static readonly string[] Names = ["recorder-1", "recorder-2", "recorder-3"];

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-farm-").FullName;
    private readonly List<RunningContainer> _nodes = [];
    private FarmNetwork? _network;
    private PrivatePostgres? _database;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            output.WriteLine(await node.LogAsync());
            await node.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    [FactWithContainers]
    public async Task A_session_of_the_shipped_farm_goes_on_when_its_container_is_killed()
    {
        _network = await FarmNetwork.MakeAsync(3);
        _database = await PrivatePostgres.StartAsync(_network.HostAddress);
        await using var pages = await ReferencePageServer.StartAsync(
            await ReferenceClip.MakeAsync(ReferenceClipFormat.Small),
            _network.HostAddress
        );
        await WriteSecretAsync("key", Key);
        await WriteSecretAsync("password", "not-asked-for");
        await WriteSecretAsync("farm", "a secret of the test's farm, long enough for any");
        foreach (
            var (shipped, index) in new[]
            {
                ShippedContainer.OfCompose("compose.farm.yaml", "recorder-1"),
                ShippedContainer.OfCompose("compose.farm.yaml", "recorder-2"),
                ShippedContainer.OfPod(),
            }.Select((shipped, index) => (shipped, index))
        )
        {
            _nodes.Add(await StartAsync(shipped, index));
        }
        foreach (var node in _nodes)
        {
            await node.SeeReadyAsync();
        }

        var started = await _nodes[0]
            .Api.StartAsync(
                new StartRequest(pages.Clock(5))
                {
                    Width = 320,
                    Height = 180,
                    Framerate = 15,
                    Bitrate = 400,
                }
            );
        var before = await _nodes[0].Api.SessionAsync(started.Id);
        var holder = _nodes.Single(node => before.Node.Contains(Names[_nodes.IndexOf(node)], StringComparison.Ordinal));
        var processes = await holder.ProcessesAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        await Podman.OutputOfAsync("kill", "--signal", "KILL", holder.Name);
        var edge = _nodes.First(node => node != holder);
        var after = await edge.Api.SeeSessionInFarmAsync(
            started.Id,
            "it goes on in another container",
            TimeSpan.FromSeconds(60),
            session =>
                session is { State: "recording", Attempt: 2 }
                && session.Records.Count == 2
                && session.Records[1].OpenedAt is not null
        );
        await Task.Delay(TimeSpan.FromSeconds(2));
        await edge.Api.StopAsync(started.Id);
        var ended = await edge.Api.SessionAsync(started.Id);

        Assert.DoesNotContain(
            processes,
            process => process.CommandLine.Contains("--no-sandbox", StringComparison.Ordinal)
        );
        Assert.All(
            processes,
            process =>
                Assert.True(
                    process.Uid == NodeUser || process.IsOfOneSession,
                    $"{process} is neither the node's nor a browser's user."
                )
        );
        Assert.NotEqual(before.Node, after.Node);
        Assert.Single(ended.Gaps);
        var survivor = _nodes.Single(node =>
            after.Node.Contains(Names[_nodes.IndexOf(node)], StringComparison.Ordinal)
        );
        var path = Path.Combine(FolderOf("records", _nodes.IndexOf(survivor)), Path.GetFileName(ended.Records[1].Path));
        output.WriteLine(
            FormattableString.Invariant(
                $"{before.Node} was killed, {after.Node} went on; gap {(ended.Gaps[0].To - ended.Gaps[0].From)?.TotalSeconds:0.0} s"
            )
        );
        await RecordFile.AssertPlayableAsync(path);
    }

    private Task<RunningContainer> StartAsync(ShippedContainer shipped, int index)
    {
        var secrets = new Dictionary<string, string>
        {
            ["RECORDER_Http__Keys__0__KeyFile"] = "key",
            ["RECORDER_DATABASE_PASSWORD_FILE"] = "password",
            ["RECORDER_REMOTING_SECRET_FILE"] = "farm",
        };
        var changes = new Dictionary<string, string>
        {
            ["RECORDER_HOSTNAME"] = Names[index],
            // The image is new, so everything is read from the disk for the first time, beside other tests.
            ["RECORDER_MEDIA_START_LIMIT"] = "100 s",
            ["RECORDER_SESSIONS_START_LIMIT"] = "110 s",
            ["RECORDER_SEED_NODES"] = "recorder-1:34569,recorder-2:34569",
            ["RECORDER_DATABASE_CONNECTION_STRING"] = _database!.ConnectionString.Replace(
                // The password comes from the secret's file.
                ";Password=not-asked-for",
                "",
                StringComparison.Ordinal
            ),
        };
        if (shipped.Environment.ContainsKey("RECORDER_PUBLIC_HOSTNAME"))
        {
            changes["RECORDER_HOSTNAME"] = shipped.Environment["RECORDER_HOSTNAME"];
            changes["RECORDER_PUBLIC_HOSTNAME"] = Names[index];
        }

        string[] mounts =
        [
            "--volume",
            $"{Made("records", index)}:/records",
            "--volume",
            $"{Made("data", index)}:/data",
            .. from secret in secrets
            where shipped.Environment.ContainsKey(secret.Key)
            from option in new[]
            {
                "--volume",
                $"{Path.Combine(_folder, secret.Value)}:{shipped.Environment[secret.Key]}:ro",
            }
            select option,
        ];
        var hosts = Names.SelectMany((name, node) => new[] { "--add-host", $"{name}:{_network!.FarmAddressOf(node)}" });
        return RunningContainer.StartAsync(
            new Uri($"http://{_network!.ServicesAddressOf(index)}:34568"),
            Key,
            [
                "--network",
                $"ns:/run/netns/{_network.NamespaceOf(index)}",
                .. hosts,
                .. mounts,
                .. shipped.OptionsWith(changes),
            ]
        );
    }

    private string FolderOf(string purpose, int index) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{purpose}-{index}"));

    /// <summary>As docker makes a folder that is to be mounted and is missing: root's.</summary>
    private string Made(string purpose, int index) => Directory.CreateDirectory(FolderOf(purpose, index)).FullName;

    private async Task WriteSecretAsync(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, content);
        await ToolRun.OutputOfAsync("chown", "34568:34568", path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
    }
}
