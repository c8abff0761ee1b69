using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Cluster.Sweeping;
using Recorder.Cluster.Tests.Hosting;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Sweeping;

[Trait("ring", "actor")]
public sealed class SweeperActorTests : TestKit
{
    private const string Hocon = """
        akka.stdout-loglevel = OFF
        akka.loggers = []
        akka.test.single-expect-default = 30 s
        """;

    private static readonly RetentionPolicy TenDays = new(TimeSpan.FromDays(10), []);

    private readonly ManualClock _clock = new(Sample.Begin);
    private readonly RetentionOptions _options = new() { SweepInterval = TimeSpan.FromHours(1) };
    private readonly FullDisk _limits = new();
    private readonly Records _records = new();
    private readonly Sessions _sessions = new();
    private readonly TestRecordsFolder _folder = new("/records");

    public SweeperActorTests()
        : base(Hocon) { }

    [Fact]
    public async Task A_record_past_its_retention_is_gone_at_the_second_look()
    {
        _records.Add(Record(1, TimeSpan.FromDays(-11)), Record(2, TimeSpan.FromDays(-9)));
        var sweeper = Begin(TenDays);
        await SweepAsync(sweeper);
        Assert.Empty(_sessions.Asked);

        _clock.Advance(TimeSpan.FromMinutes(5));
        await SweepAsync(sweeper);
        var asked = Assert.Single(_sessions.Asked);
        Assert.Equal((1, EraseCause.Age), (asked.Session.Value, asked.Cause));
        Assert.Contains("was to be kept until 2021-09-21", asked.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erasing_that_waited_for_this_node_is_carried_out_at_the_first_look()
    {
        _records.Add(
            Record(1, TimeSpan.Zero, record =>
                record with
                {
                    Hold = null,
                    Erasing = new RecordErasing(Sample.Begin, EraseCause.Asked, "Somebody asked for it."),
                }
            )
        );
        await SweepAsync(Begin(RetentionPolicy.Keep));
        Assert.Equal(EraseCause.Asked, Assert.Single(_sessions.Asked).Cause);
    }

    [Fact]
    public async Task More_records_than_a_part_holds_are_all_looked_at()
    {
        for (var id = 1; id <= (2 * SweeperActor.RecordsInAPart) + 1; id++)
        {
            _records.Add(Record(id, TimeSpan.FromDays(-11)));
        }
        var sweeper = Begin(TenDays);
        await SweepAsync(sweeper);
        await SweepAsync(sweeper);
        Assert.Equal((2 * SweeperActor.RecordsInAPart) + 1, _sessions.Asked.Count);
    }

    [Fact]
    public async Task The_oldest_go_until_the_others_have_room()
    {
        _options.MaximumSize = new ByteSize(250);
        _records.Add(
            Record(1, TimeSpan.FromDays(-4), record => record with { Hold = new RecordHold(Sample.Begin, "") }),
            Record(2, TimeSpan.FromDays(-3)),
            Record(3, TimeSpan.FromDays(-2)),
            Record(4, TimeSpan.FromDays(-1))
        );
        var sweeper = Begin(RetentionPolicy.Keep);
        await SweepAsync(sweeper);
        Assert.Empty(_sessions.Asked);
        await SweepAsync(sweeper);
        Assert.Equal([2, 3], _sessions.Asked.Select(asked => asked.Session.Value).Order());
        Assert.All(_sessions.Asked, asked => Assert.Equal(EraseCause.Size, asked.Cause));
    }

    [Fact]
    public async Task What_goes_by_its_age_makes_room_too()
    {
        _options.MaximumSize = new ByteSize(250);
        _records.Add(
            Record(1, TimeSpan.FromDays(-11)),
            Record(2, TimeSpan.FromDays(-3)),
            Record(3, TimeSpan.FromDays(-2))
        );
        var sweeper = Begin(TenDays);
        await SweepAsync(sweeper);
        await SweepAsync(sweeper);
        Assert.Equal(EraseCause.Age, Assert.Single(_sessions.Asked).Cause);
    }

    [Fact]
    public async Task A_disk_below_its_low_mark_makes_the_sweeper_look_at_once()
    {
        _records.Add(Record(1, TimeSpan.FromDays(-11)));
        var sweeper = Begin(TenDays);
        await SweepAsync(sweeper);
        _clock.Advance(TimeSpan.FromMinutes(1));
        _limits.Low = true;
        await Eventually.BeAsync(
            "a look because of the disk",
            TestNode.Limit,
            () => _sessions.Asked.Count == 1
        );
    }

    [Fact]
    public async Task In_a_folder_that_is_away_nothing_is_erased()
    {
        _records.Add(Record(1, TimeSpan.FromDays(-11)));
        var sweeper = Begin(TenDays);
        await SweepAsync(sweeper);
        _folder.WhyAway = "Its disk is not mounted.";
        await SweepAsync(sweeper);
        Assert.Empty(_sessions.Asked);
        _folder.WhyAway = null;
        await SweepAsync(sweeper);
        Assert.Single(_sessions.Asked);
    }

    [Fact]
    public async Task A_session_that_does_not_answer_is_asked_again_at_the_next_look()
    {
        _records.Add(Record(1, TimeSpan.FromDays(-11)));
        _sessions.Silent = true;
        var sweeper = Begin(TenDays);
        await SweepAsync(sweeper);
        await SweepAsync(sweeper);
        await SweepAsync(sweeper);
        Assert.Equal(2, _sessions.Asked.Count);
    }

    private IActorRef Begin(RetentionPolicy policy)
    {
        var settings = new SweepSettings(policy, _options, Sample.Node, _clock);
        return Sys.ActorOf(Props.Create(() => new SweeperActor(settings, _folder, _limits, _records, _sessions)));
    }

    private static Task<SweeperActor.Swept> SweepAsync(IActorRef sweeper) =>
        sweeper.Ask<SweeperActor.Swept>(SweeperActor.SweepNow.Instance, TestNode.Limit);

    private static SweptRecord Record(int session, TimeSpan ended, Func<RecordSummary, RecordSummary>? change = null)
    {
        var record = new RecordSummary(
            $"/records/{session}.mp4",
            1,
            true,
            Sample.Begin + ended,
            TimeSpan.Zero,
            100,
            false,
            1,
            0
        )
        {
            Number = 1,
            ClosedAt = Sample.Begin + ended,
            Sha256 = "known",
        };
        return new SweptRecord(
            new RecordId(new SessionId(session), 1),
            Sample.Spec,
            change?.Invoke(record) ?? record
        );
    }

    /// <summary>Lists that tell of every record, whatever is looked for: the sweeper decides.</summary>
    private sealed class Records : ISweptRecords
    {
        private readonly List<SweptRecord> _records = [];

        public void Add(params SweptRecord[] records) => _records.AddRange(records);

        public Task<ImmutableList<SweptRecord>> PartAsync(
            SweepLook look,
            SweptRecord? after,
            int most,
            CancellationToken cancellation
        ) =>
            Task.FromResult(
                _records
                    .OrderBy(record => (record.Record.EndedAt, record.Id.Session.Value))
                    .SkipWhile(record => after is not null && record.Id != after.Id)
                    .Skip(after is null ? 0 : 1)
                    .Take(most)
                    .ToImmutableList()
            );

        public Task<long> BytesAsync(ImmutableList<string> holders, CancellationToken cancellation) =>
            Task.FromResult(_records.Sum(record => record.Record.Bytes ?? 0));
    }

    private sealed class Sessions : ISweptSessions
    {
        public ConcurrentQueue<SweptSession> Asked { get; } = new();

        public bool Silent { get; set; }

        public Task<KeepingReply?> EraseAsync(SweptSession wanted, CancellationToken cancellation)
        {
            Asked.Enqueue(wanted);
            return Task.FromResult<KeepingReply?>(
                Silent ? null : new KeepingRefused(wanted.Session, FaultCode.Unavailable, "The test does not erase.")
            );
        }
    }

    private sealed class FullDisk : INodeLimits
    {
        public volatile bool Low;

        public NodeSlots Slots => new(1, "configured by the test");

        public NodeLoad? Load => null;

        public string? WhyClosed() => null;

        public ImmutableHashSet<ClosedReason> ClosedBy() => Low ? [ClosedReason.Disk] : [];
    }
}
