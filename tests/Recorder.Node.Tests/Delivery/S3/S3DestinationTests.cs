using System.Security.Cryptography;
using CsCheck;
using Recorder.Cluster.Settings;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.S3;

[Trait("ring", "actor")]
public sealed class S3DestinationTests : IAsyncLifetime
{
    private const string Key = "2021/09/a.mp4";

    private readonly string _root = Directory.CreateTempSubdirectory("recorder-s3-").FullName;
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(1_100_000);
    private FakeStore _store = null!;

    private string Source => Path.Join(_root, "a.mp4");

    private string State => Path.Join(_root, "deliveries", "state.json");

    private FileToSend File => new(Source, Key, Convert.ToHexStringLower(SHA256.HashData(_content)));

    public async Task InitializeAsync()
    {
        _store = await FakeStore.StartAsync();
        await System.IO.File.WriteAllBytesAsync(Source, _content);
        Directory.CreateDirectory(Path.GetDirectoryName(State)!);
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_short_file_is_one_object_with_its_hash()
    {
        Assert.Null((await SendAsync(partSize: 10_000_000)).Problem);

        Assert.Equal(_content, _store.Objects[Key].Content);
        Assert.Equal(File.Sha256, _store.Objects[Key].Hash);
        Assert.Equal(0, _store.Completed);
    }

    [Fact]
    public async Task A_long_file_goes_in_parts_and_leaves_nothing_behind()
    {
        Assert.Null((await SendAsync()).Problem);

        Assert.Equal(_content, _store.Objects[Key].Content);
        Assert.Equal(1, _store.Completed);
        Assert.Equal(11, _store.Confirmed.Count);
        Assert.False(System.IO.File.Exists(State));
    }

    [Fact]
    public async Task What_is_there_already_is_delivered_without_a_byte()
    {
        await SendAsync();
        _store.Confirmed.Clear();

        Assert.Null((await SendAsync()).Problem);
        Assert.Empty(_store.Confirmed);
    }

    [Fact]
    public async Task Another_object_of_the_name_is_left_alone()
    {
        _store.Objects[Key] = ([1, 2, 3], "\"x\"", null);

        var report = await SendAsync();

        Assert.False(report.MayPass);
        Assert.Contains("another object", report.Problem, StringComparison.Ordinal);
        Assert.Equal(3, _store.Objects[Key].Content.Length);
    }

    [Fact]
    public async Task After_the_node_was_killed_no_confirmed_part_is_sent_again()
    {
        _store.Script([.. Enumerable.Repeat(Fault.None, 6), Fault.NodeKilled]);
        Assert.NotNull((await SendAsync()).Problem);
        var before = _store.Confirmed.Count;

        Assert.Null((await SendAsync()).Problem);

        Assert.InRange(before, 4, 10);
        Assert.All(_store.Confirmed.Values, times => Assert.Equal(1, times));
        Assert.Equal(_content, _store.Objects[Key].Content);
    }

    [Fact]
    public async Task A_store_that_forgot_the_upload_gets_all_parts_anew()
    {
        _store.Script([Fault.None, Fault.None, Fault.None, Fault.NodeKilled]);
        await SendAsync();
        _store.Uploads.Clear();

        Assert.Null((await SendAsync()).Problem);
        Assert.Equal(_content, _store.Objects[Key].Content);
    }

    [Fact]
    public async Task A_file_that_is_not_what_was_recorded_makes_no_object_and_leaves_no_upload()
    {
        var report = await SendAsync(File with { Sha256 = new string('0', 64) });

        Assert.False(report.MayPass);
        Assert.Empty(_store.Objects);
        Assert.Empty(_store.Uploads);
        Assert.False(System.IO.File.Exists(State));
    }

    [Fact]
    public async Task A_refusal_names_the_credentials_and_not_the_secret()
    {
        _store.Script([Fault.Refused]);

        var report = await SendAsync();

        Assert.True(report.MayPass);
        Assert.Contains("refuses the credentials (AccessDenied)", report.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_told_and_may_come_back()
    {
        var report = await SendAsync(endpoint: "http://127.0.0.1:1");

        Assert.True(report.MayPass);
        Assert.Contains("Destination archive", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_goes_wrong_a_delivery_says_delivered_only_when_the_store_has_the_record() =>
        Gen.Int[0, 6]
            .Select(fault => (Fault)fault)
            .List[0, 8]
            .Sample(
                faults =>
                {
                    _store.Objects.Clear();
                    _store.Uploads.Clear();
                    _store.Confirmed.Clear();
                    System.IO.File.Delete(State);
                    _store.Script(faults);
                    var report = new TransferReport("Not begun.", true);
                    for (var attempt = 0; report.Problem is not null; attempt++)
                    {
                        Assert.True(report.MayPass, report.Problem);
                        Assert.True(attempt < 12, report.Problem);
                        report = SendAsync().GetAwaiter().GetResult();
                    }
                    Assert.Equal(File.Sha256, Convert.ToHexStringLower(SHA256.HashData(_store.Objects[Key].Content)));
                    Assert.Empty(_store.Uploads);
                },
                iter: 25,
                threads: 1
            );

    private async Task<TransferReport> SendAsync(
        FileToSend? file = null,
        long partSize = 100_000,
        string? endpoint = null
    )
    {
        using var killed = new CancellationTokenSource();
        _store.Kill = killed.Cancel;
        return await TransferProcess.SendAsync(
            new TransferRequest(
                "archive",
                new DestinationOptions
                {
                    Kind = DestinationKind.S3,
                    Endpoint = endpoint ?? _store.Address,
                    Bucket = "records",
                    PathStyle = true,
                    User = "user",
                    Secret = "the-secret",
                    PartSize = new ByteSize(partSize),
                    Timeout = TimeSpan.FromSeconds(20),
                },
                [file ?? File],
                0,
                State,
                null
            ),
            Destinations.Make,
            TimeProvider.System,
            killed.Token
        );
    }
}
