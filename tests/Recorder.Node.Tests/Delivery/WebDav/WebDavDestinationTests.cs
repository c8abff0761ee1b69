using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Recorder.Cluster.Settings;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.WebDav;

[Trait("ring", "actor")]
public sealed class WebDavDestinationTests : IAsyncLifetime
{
    private const string Name = "2021/09 æ/a.mp4";
    private const int Whole = 10_000_000;
    private const int Chunked = 100_000;

    private readonly string _root = Directory.CreateTempSubdirectory("recorder-dav-").FullName;
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(1_050_000);
    private FakeDav _server = null!;

    private string Source => Path.Join(_root, "a.mp4");

    private string State => Path.Join(_root, "deliveries", "cloud-0123.json");

    private FileToSend File => new(Source, Name, Convert.ToHexStringLower(SHA256.HashData(_content)));

    public async Task InitializeAsync()
    {
        _server = await FakeDav.StartAsync();
        await System.IO.File.WriteAllBytesAsync(Source, _content);
        Directory.CreateDirectory(Path.GetDirectoryName(State)!);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData(Whole)]
    [InlineData(Chunked)]
    public async Task A_file_gets_its_name_in_its_folder_and_leaves_nothing_behind(int partSize)
    {
        Assert.Null((await SendAsync(partSize)).Problem);

        Assert.Equal(_content, Assert.Single(_server.Files, file => file.Key == FakeDav.PathOf(Name)).Value);
        Assert.Single(_server.Files);
        Assert.Equal(partSize == Chunked ? 11 : 0, _server.Confirmed.Count);
        Assert.Empty(_server.Unfinished);
        Assert.False(System.IO.File.Exists(State));
    }

    [Fact]
    public async Task A_server_without_propfind_gets_the_file_too()
    {
        _server.NoPropFind = true;

        Assert.Null((await SendAsync(Whole)).Problem);
        Assert.Equal(_content, _server.Files[FakeDav.PathOf(Name)]);
    }

    [Theory]
    [InlineData(false, false, false, 1)]
    [InlineData(true, false, false, 0)]
    [InlineData(false, true, false, 0)]
    [InlineData(false, false, true, 0)]
    public async Task The_copy_is_read_back_unless_the_server_tells_its_sum(
        bool hash,
        bool sums,
        bool length,
        int read
    )
    {
        (_server.TellsHash, _server.TellsSums) = (hash, sums);

        var verify = length ? Verification.Length : Verification.Content;
        Assert.Null((await SendAsync(Whole, options => options.Verify = verify)).Problem);
        Assert.Equal(read, _server.ReadBack);
    }

    [Theory]
    [InlineData(Whole, false, false, 2)]
    [InlineData(Whole, true, false, 2)]
    [InlineData(Whole, false, true, 2)]
    [InlineData(Chunked, false, false, 5)]
    [InlineData(Chunked, true, false, 5)]
    [InlineData(Chunked, true, false, 14)]
    public async Task A_copy_with_other_bytes_never_gets_the_name(int partSize, bool hash, bool sums, int before)
    {
        (_server.TellsHash, _server.TellsSums) = (hash, sums);
        _server.Script([.. Enumerable.Repeat(Fault.None, before), Fault.WrongBytes]);

        var report = await SendAsync(partSize);

        Assert.Contains("other bytes", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
        Assert.DoesNotContain(FakeDav.PathOf(Name), _server.Files);
        Assert.Null((await SendAsync(partSize)).Problem);
        Assert.Equal(_content, _server.Files[FakeDav.PathOf(Name)]);
    }

    [Fact]
    public async Task What_is_there_already_is_delivered_without_a_byte()
    {
        await SendAsync(Whole);
        _server.Always = 500;

        Assert.Null((await SendAsync(Whole)).Problem);
    }

    [Fact]
    public async Task Another_file_of_the_name_is_left_alone()
    {
        _server.Files[FakeDav.PathOf(Name)] = [1, 2, 3];

        var report = await SendAsync(Whole);

        Assert.False(report.MayPass);
        Assert.Contains("another file", report.Problem, StringComparison.Ordinal);
        Assert.Equal(3, _server.Files[FakeDav.PathOf(Name)].Length);
    }

    [Fact]
    public async Task After_the_node_was_killed_no_confirmed_chunk_is_sent_again()
    {
        _server.Script([.. Enumerable.Repeat(Fault.None, 8), Fault.NodeKilled]);
        Assert.NotNull((await SendAsync(Chunked)).Problem);
        var before = _server.Confirmed.Count;

        Assert.Null((await SendAsync(Chunked)).Problem);

        Assert.Equal(5, before);
        Assert.Equal(11, _server.Confirmed.Count);
        Assert.All(_server.Confirmed.Values, times => Assert.Equal(1, times));
        Assert.Equal(_content, _server.Files[FakeDav.PathOf(Name)]);
    }

    [Fact]
    public async Task A_copy_that_lacks_only_its_name_is_not_sent_again()
    {
        _server.Script([Fault.None, Fault.None, Fault.None, Fault.NodeKilled]);
        Assert.NotNull((await SendAsync(Whole)).Problem);
        _server.Script([Fault.None, Fault.None, Fault.None, Fault.Broken]);

        Assert.Null((await SendAsync(Whole)).Problem);
    }

    [Fact]
    public async Task A_server_that_swept_the_chunks_gets_all_of_them_anew()
    {
        _server.Script([.. Enumerable.Repeat(Fault.None, 8), Fault.NodeKilled]);
        await SendAsync(Chunked);
        _server.Clear();

        Assert.Null((await SendAsync(Chunked)).Problem);
        Assert.Equal(_content, _server.Files[FakeDav.PathOf(Name)]);
    }

    [Theory]
    [InlineData(Whole)]
    [InlineData(Chunked)]
    public async Task A_file_that_is_not_what_was_recorded_leaves_nothing_on_the_server(int partSize)
    {
        var report = await SendAsync(partSize, file: File with { Sha256 = new string('0', 64) });

        Assert.False(report.MayPass);
        Assert.Contains("not what was recorded", report.Problem, StringComparison.Ordinal);
        Assert.Empty(_server.Files);
        Assert.Empty(_server.Unfinished);
    }

    [Fact]
    public async Task Chunks_of_a_given_up_delivery_are_taken_away_by_the_next_transfer()
    {
        _server.Script([.. Enumerable.Repeat(Fault.None, 8), Fault.NodeKilled]);
        await SendAsync(Chunked);
        var old = Path.Join(_root, "deliveries", "cloud-4567.json");
        System.IO.File.Move(State, old);
        System.IO.File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().AddHours(-3).UtcDateTime);
        var other = Path.Join(_root, "deliveries", "cloud-two-4567.json");
        System.IO.File.Copy(old, other);
        System.IO.File.SetLastWriteTimeUtc(other, TimeProvider.System.GetUtcNow().AddHours(-3).UtcDateTime);
        Assert.Single(_server.Unfinished);

        Assert.Null((await SendAsync(Whole)).Problem);

        Assert.Empty(_server.Unfinished);
        Assert.False(System.IO.File.Exists(old));
        Assert.True(System.IO.File.Exists(other));
    }

    [Theory]
    [InlineData(401, "refuses User and its secret (401)")]
    [InlineData(403, "may not do this on the server (403, MKCOL of 2021)")]
    [InlineData(409, "is not there (409")]
    [InlineData(413, "takes no body of this length")]
    [InlineData(507, "no room left (507")]
    [InlineData(502, "answered 502")]
    [InlineData(301, "redirect (301 to https://elsewhere.example)")]
    public async Task A_refusal_says_what_to_do_and_may_pass(int status, string told)
    {
        (_server.Always, _server.Location) = (status, "https://elsewhere.example/x?token=hidden");

        var report = await SendAsync(Whole);

        Assert.True(report.MayPass);
        Assert.StartsWith("Destination cloud: ", report.Problem, StringComparison.Ordinal);
        Assert.Contains(told, report.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_password_counts_at_the_next_attempt()
    {
        _server.Login = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("recorder:new ü"));
        var secret = Path.Join(_root, "secret");
        await System.IO.File.WriteAllTextAsync(secret, "old\n");
        void SignIn(DestinationOptions options) => (options.User, options.SecretFile) = ("recorder", secret);

        var report = await SendAsync(Whole, SignIn);
        Assert.Contains("refuses User and its secret (401)", report.Problem, StringComparison.Ordinal);

        await System.IO.File.WriteAllTextAsync(secret, "new ü\n");
        Assert.Null((await SendAsync(Whole, SignIn)).Problem);
    }

    [Fact]
    public void Whatever_goes_wrong_a_delivery_says_delivered_only_when_the_server_has_the_record() =>
        Gen.Select(Gen.Int[0, 6].Select(fault => (Fault)fault).List[0, 18], Gen.Bool, Gen.Bool)
            .Sample(
                (faults, whole, hash) =>
                {
                    _server.Clear();
                    _server.TellsHash = hash;
                    System.IO.File.Delete(State);
                    _server.Script(faults);
                    var report = new TransferReport("Not begun.", true);
                    for (var attempt = 0; report.Problem is not null; attempt++)
                    {
                        Assert.True(report.MayPass, report.Problem);
                        Assert.True(attempt < 25, report.Problem);
                        report = SendAsync(whole ? Whole : Chunked).GetAwaiter().GetResult();
                    }
                    Assert.Equal(_content, Assert.Single(_server.Files).Value);
                    Assert.Equal(FakeDav.PathOf(Name), _server.Files.Single().Key);
                    Assert.All(_server.Confirmed.Values, times => Assert.Equal(1, times));
                    Assert.False(System.IO.File.Exists(State));
                },
                iter: 25,
                threads: 1
            );

    private async Task<TransferReport> SendAsync(
        long partSize,
        Action<DestinationOptions>? change = null,
        FileToSend? file = null
    )
    {
        using var killed = new CancellationTokenSource();
        _server.Kill = killed.Cancel;
        var options = new DestinationOptions
        {
            Kind = DestinationKind.WebDav,
            Endpoint = _server.Address,
            PartSize = new ByteSize(partSize),
            Timeout = TimeSpan.FromSeconds(20),
        };
        change?.Invoke(options);
        return await TransferProcess.SendAsync(
            new TransferRequest("cloud", options, [file ?? File], 0, State, null)
            {
                GivenUpAfter = TimeSpan.FromHours(2),
            },
            Destinations.Make,
            TimeProvider.System,
            killed.Token
        );
    }
}
