using System.Buffers.Binary;
using System.Security.Cryptography;
using CsCheck;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.S3;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.S3;

/// <summary>Records that are sent while they grow.</summary>
[Trait("ring", "actor")]
public sealed class GrowingUploadTests : IAsyncLifetime
{
    private const string Key = "2021/09/a.mp4";
    private const int PartSize = 300_000;

    private readonly string _root = Directory.CreateTempSubdirectory("recorder-grow-").FullName;
    private readonly List<GrowthReport> _told = [];
    private FakeStore _store = null!;

    private string Source => Path.Join(_root, "a.mp4");

    private string State => Path.Join(_root, "deliveries", "archive-a.json");

    public async Task InitializeAsync()
    {
        _store = await FakeStore.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData(Close.HeadBefore)]
    [InlineData(Close.HeadChanged)]
    [InlineData(Close.OnlyGrown)]
    public async Task A_closed_record_sends_its_head_and_its_end_and_no_other_part_again(Close close)
    {
        var grown = Grown(3_000_000);
        await File.WriteAllBytesAsync(Source, grown);
        await FollowAsync(until: PartsOf(grown.Length));
        var before = _store.Confirmed.Keys.Select(part => part.Part).Order().ToList();
        Assert.Equal(Enumerable.Range(1, PartsOf(grown.Length)), before);

        var final = Closed(grown, close);
        await File.WriteAllBytesAsync(Source, final);
        Assert.Null((await SendAsync(Hash(final))).Problem);

        Assert.Equal(final, _store.Objects[Key].Content);
        Assert.Equal(1, _store.Completed);
        Assert.All(
            _store.Confirmed.Where(part => part.Key.Part > 1),
            part => Assert.True(part.Value == 1, $"Part {part.Key.Part} was sent {part.Value} times.")
        );
        Assert.Equal(close == Close.OnlyGrown ? 1 : 2, _store.Confirmed.Single(part => part.Key.Part == 1).Value);
        Assert.False(File.Exists(State));

        // The answer to the whole delivery may be lost with the node.
        Assert.Null((await SendAsync(Hash(final))).Problem);
        Assert.Equal((1, 0), (_store.Completed, _store.ReadBack));
    }

    [Fact]
    public async Task Another_host_makes_an_object_of_all_parts_that_were_confirmed()
    {
        var grown = Grown(2_500_000);
        await File.WriteAllBytesAsync(Source, grown);
        await FollowAsync(until: PartsOf(grown.Length));
        File.Delete(Source);
        File.Delete(State);

        Assert.Null((await CompleteAsync()).Problem);

        var content = _store.Objects[Key].Content;
        Assert.Equal(grown[..content.Length], content);
        Assert.InRange(grown.Length - content.Length, 0, PartSize + GrowingUpload.Unsettled);
        Assert.Empty(_store.Uploads);
    }

    [Fact]
    public async Task A_completing_whose_answer_was_lost_is_found_done_and_an_object_of_another_kind_is_not_taken_for_it()
    {
        var grown = Grown(2_500_000);
        await File.WriteAllBytesAsync(Source, grown);
        await FollowAsync(until: PartsOf(grown.Length));
        await CompleteAsync();

        Assert.Null((await CompleteAsync()).Problem);
        Assert.Equal(1, _store.Completed);

        var (content, tag, hash) = _store.Objects[Key];
        _store.Objects[Key] = (content[..^1], tag, hash);
        Assert.False((await CompleteAsync()).MayPass);

        _store.Objects[Key] = (content, tag, hash);
        _store.Records[Key] = "";
        Assert.False((await CompleteAsync()).MayPass);

        _store.Objects.Clear();
        Assert.False((await CompleteAsync()).MayPass);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(PartSize + 100, false)]
    public async Task A_completing_whose_answer_was_lost_is_done_only_when_the_object_has_the_bytes_of_its_parts(
        int changed,
        bool isHead
    )
    {
        var grown = Grown(2_500_000);
        await File.WriteAllBytesAsync(Source, grown);
        await FollowAsync(until: PartsOf(grown.Length));
        await CompleteAsync();
        var (content, _, hash) = _store.Objects[Key];
        content = [.. content];
        content[changed] ^= 1;
        var tag = $"\"{S3Errors.TagOf(content.Chunk(PartSize).Select(part => Md5.Of(part)))}\"";
        _store.Objects[Key] = (content, tag, hash);

        var report = await CompleteAsync();

        // The head is sent again while a record grows, and the journal may have missed that.
        Assert.Equal(isHead, report.Problem is null);
        Assert.False(report.MayPass);
    }

    [Theory]
    [InlineData(PartSize, true)]
    [InlineData(PartSize + 1, false)]
    public async Task A_head_that_was_sent_again_and_that_nobody_noted_is_taken_when_it_is_no_head_of_a_closed_record(
        int length,
        bool taken
    )
    {
        var grown = Grown(2_500_000);
        await File.WriteAllBytesAsync(Source, grown);
        await FollowAsync(until: PartsOf(grown.Length));
        var head = RandomNumberGenerator.GetBytes(length);
        _store.Uploads.Values.Single().Parts[1] = head;

        var report = await CompleteAsync();

        Assert.Equal(taken, report.Problem is null);
        Assert.Equal(taken, _store.Objects.TryGetValue(Key, out var made));
        Assert.Equal(taken ? [.. head, .. grown[PartSize..(PartsOf(grown.Length) * PartSize)]] : null, made.Content);
    }

    [Fact]
    public async Task The_whole_record_replaces_the_object_of_parts_when_its_host_is_back()
    {
        var grown = Grown(2_500_000);
        await File.WriteAllBytesAsync(Source, grown);
        await FollowAsync(until: PartsOf(grown.Length));
        await CompleteAsync();

        var final = Closed(grown, Close.HeadBefore);
        await File.WriteAllBytesAsync(Source, final);
        Assert.Null((await SendAsync(Hash(final))).Problem);

        Assert.Equal(final, _store.Objects[Key].Content);
    }

    [Fact]
    public async Task An_object_of_another_record_is_left_alone()
    {
        _store.Objects[Key] = ([1, 2, 3], "\"x\"", null);
        _store.Records[Key] = "b.mp4";
        var final = Closed(Grown(100_000), Close.OnlyGrown);
        await File.WriteAllBytesAsync(Source, final);

        Assert.Contains("another object", (await SendAsync(Hash(final))).Problem, StringComparison.Ordinal);
        Assert.Equal(3, _store.Objects[Key].Content.Length);
    }

    [Fact]
    public async Task A_head_that_the_writer_completes_later_is_sent_again_while_the_record_grows()
    {
        var grown = Grown(2_500_000);
        await File.WriteAllBytesAsync(Source, grown);
        var parts = PartsOf(grown.Length);
        await FollowAsync(until: parts);
        grown[100] ^= 1;
        await File.WriteAllBytesAsync(Source, grown);
        _told.Clear();

        await FollowAsync(until: parts + 1);
        await CompleteAsync();

        Assert.Equal(grown[100], _store.Objects[Key].Content[100]);
    }

    [Fact]
    public void Whatever_goes_wrong_the_object_is_the_record_or_what_was_sent_of_it() =>
        Gen.Select(
                Gen.Int[0, 6].Select(fault => (Fault)fault).List[0, 12],
                Gen.Int[1_400_000, 2_600_000].List[1, 3],
                Gen.Int[0, 2].Select(close => (Close)close),
                Gen.Bool
            )
            .Sample(
                (faults, growth, close, lost) =>
                    ScheduleAsync(faults, [.. growth.Order()], close, lost).GetAwaiter().GetResult(),
                iter: 20,
                threads: 1
            );

    /// <summary>How the close of a record changes its file.</summary>
    public enum Close
    {
        /// <summary>An MP4 gets its index before what was written.</summary>
        HeadBefore,

        /// <summary>A Matroska file gets its duration, in the room kept for it.</summary>
        HeadChanged,

        /// <summary>A transport stream changes nothing.</summary>
        OnlyGrown,
    }

    private async Task ScheduleAsync(List<Fault> faults, int[] growth, Close close, bool lost)
    {
        _store.Objects.Clear();
        _store.Uploads.Clear();
        _store.Confirmed.Clear();
        _store.Records.Clear();
        _told.Clear();
        if (File.Exists(State))
        {
            File.Delete(State);
        }
        _store.Script(faults);
        var grown = Grown(growth[^1]);
        foreach (var length in growth)
        {
            await File.WriteAllBytesAsync(Source, grown[..length]);
            for (var tries = 0; LastOf(_told) < PartsOf(length); tries++)
            {
                Assert.True(tries < 30, "The parts did not arrive.");
                await FollowAsync(PartsOf(length), byNumber: true);
            }
        }
        TransferReport report = new("Not begun.", true);
        if (lost)
        {
            File.Delete(Source);
            for (var attempt = 0; report.Problem is not null && attempt < 20 && report.MayPass; attempt++)
            {
                report = await CompleteAsync();
            }

            if (report is { Problem: { } problem, MayPass: false })
            {
                // The bytes are gone, and what the store made of them is not counted as the record.
                Assert.Contains("has other bytes", problem, StringComparison.Ordinal);
                Assert.Contains(Fault.WrongBytes, faults);
                return;
            }

            // An answer that is lost hides an object that is there.
            var content = _store.Objects[Key].Content;
            Assert.Equal(grown[..content.Length], content);
            Assert.InRange(grown.Length - content.Length, 0, PartSize + GrowingUpload.Unsettled);
            return;
        }
        var final = Closed(grown, close);
        await File.WriteAllBytesAsync(Source, final);
        for (var attempt = 0; report.Problem is not null; attempt++)
        {
            Assert.True(report.MayPass && attempt < 20, report.Problem);
            report = await SendAsync(Hash(final));
        }
        Assert.Equal(Hash(final), Hash(_store.Objects[Key].Content));
        Assert.Empty(_store.Uploads);
    }

    private static int LastOf(List<GrowthReport> told)
    {
        var upload = told.LastOrDefault()?.UploadId;
        return told.Where(part => part.UploadId == upload).Select(part => part.Number).DefaultIfEmpty().Max();
    }

    private static int PartsOf(long length) => (int)Math.Max(0, (length - GrowingUpload.Unsettled) / PartSize);

    /// <summary>A file that begins as a growing MP4 does.</summary>
    private static byte[] Grown(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        BinaryPrimitives.WriteUInt32BigEndian(content, 24);
        "ftyp"u8.CopyTo(content.AsSpan(4));
        BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(24), 1000);
        "moof"u8.CopyTo(content.AsSpan(28));
        return content;
    }

    private static byte[] Closed(byte[] grown, Close close)
    {
        var end = RandomNumberGenerator.GetBytes(1234);
        if (close != Close.HeadBefore)
        {
            byte[] final = [.. grown, .. end];
            final[70] ^= (byte)(close == Close.HeadChanged ? 1 : 0);
            return final;
        }
        var head = new byte[8192];
        Box(head, 0, 24, "ftyp"u8);
        Box(head, 24, head.Length - 24 - 16, "moov"u8);
        Box(head, head.Length - 16, 1, "mdat"u8);
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(head.Length - 8), grown.Length + 16);
        return [.. head, .. grown];

        static void Box(byte[] head, int at, int length, ReadOnlySpan<byte> type)
        {
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(at), length);
            type.CopyTo(head.AsSpan(at + 4));
        }
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Sends the growing file until a number of parts was told, or a fault ends the sending.</summary>
    private async Task FollowAsync(int until, bool byNumber = false)
    {
        using var ended = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        if (until == 0)
        {
            return;
        }
        _store.Kill = ended.Cancel;
        await TransferProcess.SendAsync(
            Request(null) with { Growing = true },
            Destinations.Make,
            TimeProvider.System,
            ended.Token,
            told: part =>
            {
                _told.Add(part);
                if ((byNumber ? LastOf(_told) : _told.Count) >= until)
                {
                    ended.Cancel();
                }
            }
        );
    }

    private async Task<TransferReport> SendAsync(string hash)
    {
        using var killed = new CancellationTokenSource();
        _store.Kill = killed.Cancel;
        return await TransferProcess.SendAsync(Request(hash), Destinations.Make, TimeProvider.System, killed.Token);
    }

    /// <summary>Completes the upload with what the journal has of it.</summary>
    private async Task<TransferReport> CompleteAsync()
    {
        var upload = _told[^1].UploadId;
        var tags = new SortedDictionary<int, string>();
        foreach (var part in _told.Where(part => part.UploadId == upload))
        {
            tags[part.Number] = part.Tag;
        }
        using var killed = new CancellationTokenSource();
        _store.Kill = killed.Cancel;
        return await TransferProcess.SendAsync(
            Request(null) with
            {
                Files = [],
                State = Path.Join(_root, "other-host", "archive-a.json"),
                Complete = new GrownParts(_told[^1].Key, upload, PartSize, [.. tags.Values]),
            },
            Destinations.Make,
            TimeProvider.System,
            killed.Token
        );
    }

    private TransferRequest Request(string? hash) =>
        new(
            "archive",
            new DestinationOptions
            {
                Kind = DestinationKind.S3,
                Endpoint = _store.Address,
                Bucket = "records",
                PathStyle = true,
                User = "user",
                Secret = "the-secret",
                PartSize = new ByteSize(PartSize),
                Timeout = TimeSpan.FromSeconds(20),
            },
            [new FileToSend(Source, Key, hash)],
            0,
            State,
            null
        );
}
