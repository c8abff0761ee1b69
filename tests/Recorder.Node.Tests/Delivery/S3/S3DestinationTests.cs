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

    /// <summary>In parts, or whole.</summary>
    private static readonly Gen<int> AnyPartSize = Gen.Bool.Select(whole => whole ? 10_000_000 : 100_000);

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

    [Theory]
    [InlineData(10_000_000, 0)]
    [InlineData(100_000, 12)]
    public async Task An_object_with_other_bytes_does_not_count_as_delivered_and_is_replaced(int partSize, int before)
    {
        _store.Script([.. Enumerable.Repeat(Fault.None, before), Fault.WrongBytes]);
        var report = await SendAsync(partSize: partSize);
        Assert.Contains("other bytes", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
        Assert.NotEqual(_content, _store.Objects[Key].Content);

        Assert.Null((await SendAsync(partSize: partSize)).Problem);
        Assert.Equal(_content, _store.Objects[Key].Content);
    }

    [Fact]
    public async Task An_object_of_an_earlier_attempt_that_is_too_short_is_replaced()
    {
        _store.Objects[Key] = ([1, 2, 3], "\"x\"", File.Sha256);

        Assert.Null((await SendAsync()).Problem);
        Assert.Equal(_content, _store.Objects[Key].Content);
    }

    [Fact]
    public async Task An_object_whose_parts_had_another_length_is_read_back()
    {
        await SendAsync(partSize: 200_000);

        Assert.Null((await SendAsync()).Problem);
        Assert.Equal((1, 1), (_store.ReadBack, _store.Completed));

        _store.Objects[Key].Content[7] ^= 1;
        Assert.Null((await SendAsync()).Problem);
        Assert.Equal(_content, _store.Objects[Key].Content);
    }

    [Theory]
    [InlineData(10_000_000)]
    [InlineData(100_000)]
    public async Task The_tags_of_a_store_with_a_key_service_say_nothing(int partSize)
    {
        _store.KeyService = true;
        Assert.Null((await SendAsync(partSize: partSize)).Problem);
        Assert.Equal(_content, _store.Objects[Key].Content);
        Assert.Equal(1, _store.ReadBack);

        var writes = _store.Objects[Key].Content;
        Assert.Null((await SendAsync(partSize: partSize)).Problem);
        Assert.Equal(2, _store.ReadBack);
        Assert.Same(writes, _store.Objects[Key].Content);

        writes[7] ^= 1;
        Assert.Null((await SendAsync(partSize: partSize)).Problem);
        Assert.Equal(_content, _store.Objects[Key].Content);
    }

    [Theory]
    [InlineData(10_000_000)]
    [InlineData(100_000)]
    public async Task A_store_with_a_key_service_tells_its_own_sums_and_nothing_is_read_back(int partSize)
    {
        (_store.KeyService, _store.TellsSums) = (true, true);
        Assert.Null((await SendAsync(partSize: partSize, encryption: "aws:kms")).Problem);
        Assert.Equal(_content, _store.Objects[Key].Content);
        Assert.Equal(0, _store.ReadBack);
    }

    [Theory]
    [InlineData(true, 10_000_000, 0)]
    [InlineData(true, 100_000, 12)]
    [InlineData(false, 10_000_000, 0)]
    [InlineData(false, 100_000, 12)]
    public async Task Other_bytes_are_found_with_a_key_service_too(bool tells, int partSize, int before)
    {
        (_store.KeyService, _store.TellsSums) = (true, tells);
        _store.Script([.. Enumerable.Repeat(Fault.None, before), Fault.WrongBytes]);

        var report = await SendAsync(partSize: partSize, encryption: "aws:kms");

        Assert.Contains("other bytes", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
    }

    [Fact]
    public async Task Parts_of_an_upload_that_no_attempt_can_help_are_taken_away()
    {
        _store.Script([.. Enumerable.Repeat(Fault.None, 6), Fault.NodeKilled]);
        await SendAsync();
        Assert.Single(_store.Uploads);
        _store.Objects[Key] = ([1, 2, 3], "\"x\"", null);

        Assert.False((await SendAsync()).MayPass);

        Assert.Empty(_store.Uploads);
        Assert.False(System.IO.File.Exists(State));
    }

    [Theory]
    [InlineData("RequestTimeTooSkewed", "Set the clock of this host")]
    [InlineData("NoSuchBucket", "there is no bucket records")]
    [InlineData("InvalidAccessKeyId", "refuses the credentials")]
    [InlineData("SignatureDoesNotMatch", "refuses the credentials")]
    public async Task A_refusal_of_the_store_says_what_to_do_and_may_pass(string code, string told)
    {
        _store.Always = code;

        var report = await SendAsync();

        Assert.Contains(told, report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
    }

    [Fact]
    public async Task With_credentials_that_may_only_write_the_answer_to_the_end_of_the_upload_is_compared()
    {
        _store.WriteOnly = true;
        _store.Script([.. Enumerable.Repeat(Fault.None, 12), Fault.WrongBytes]);
        Assert.Contains("other bytes", (await SendAsync()).Problem, StringComparison.Ordinal);

        Assert.Null((await SendAsync()).Problem);
        Assert.Equal(_content, _store.Objects[Key].Content);
    }

    [Fact]
    public async Task A_resumed_upload_that_is_cancelled_between_two_parts_stays_for_the_next_attempt()
    {
        _store.Script([.. Enumerable.Repeat(Fault.None, 6), Fault.NodeKilled]);
        await SendAsync();
        var upload = Assert.Single(_store.Uploads).Key;

        using var ended = new CancellationTokenSource();
        var report = await SendAsync(ended: ended, time: new EndsAtTheFirstSignOfLife(ended));

        Assert.Equal("The node ended the attempt.", report.Problem);
        Assert.Equal(upload, Assert.Single(_store.Uploads).Key);
        Assert.True(System.IO.File.Exists(State));
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
        _store.Echo = "The key user with the-secret may not write.";

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
        Gen.Select(Gen.Int[0, 6].Select(fault => (Fault)fault).List[0, 16], AnyPartSize)
            .Sample(
                (faults, partSize) =>
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
                        Assert.True(attempt < 20, report.Problem);
                        report = SendAsync(partSize: partSize).GetAwaiter().GetResult();
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
        string? endpoint = null,
        CancellationTokenSource? ended = null,
        TimeProvider? time = null,
        string encryption = ""
    )
    {
        using var killed = ended is null
            ? new CancellationTokenSource()
            : CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
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
                    Encryption = encryption,
                    PartSize = new ByteSize(partSize),
                    Timeout = TimeSpan.FromSeconds(20),
                },
                [file ?? File],
                0,
                State,
                null
            ),
            Destinations.Make,
            time ?? TimeProvider.System,
            killed.Token
        );
    }

    /// <summary>A clock whose timers never ring. The first timer that is set anew ends the transfer.</summary>
    private sealed class EndsAtTheFirstSignOfLife(CancellationTokenSource ended) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(ended);

        private sealed class Timer(CancellationTokenSource ended) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                ended.Cancel();
                return true;
            }

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
