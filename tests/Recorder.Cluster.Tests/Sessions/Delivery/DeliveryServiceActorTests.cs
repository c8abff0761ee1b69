using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Sessions.Delivery;

[Trait("ring", "actor")]
public sealed class DeliveryServiceActorTests : TestKit
{
    private const string Kind = "command";
    private const int AtOnce = 2;

    /// <summary>Hears each attempt as it begins, with the actor that makes it as sender.</summary>
    private readonly TestProbe _begun;
    private readonly IActorRef _service;
    private readonly TestRecordsFolder _folder = new(Sample.Folder);

    public DeliveryServiceActorTests()
        : base("akka.stdout-loglevel = OFF\nakka.loggers = []\nakka.test.single-expect-default = 10 s")
    {
        _begun = CreateTestProbe("begun");
        var delivery = new ScriptedDelivery(_begun);
        var folder = _folder;
        var interval = DeliveryServiceActor.AskInterval;
        _service = Sys.ActorOf(
            Props.Create(() => new DeliveryServiceActor(delivery, folder, Sample.Node, interval))
        );
    }

    [Fact]
    public async Task An_attempt_is_made_once_however_often_it_is_asked_for_and_each_asker_gets_the_outcome()
    {
        var (one, other) = (CreateTestProbe(), CreateTestProbe());
        _service.Tell(Ask(0), one);
        await one.ExpectMsgAsync(new DeliveryRunning(Record(0), Kind, 1));
        Assert.Equal(
            new RecordToDeliver(Sample.Id, Record(0), Record(0) + ".json", 1),
            await _begun.ExpectMsgAsync<RecordToDeliver>()
        );
        var attempt = _begun.LastSender;
        _service.Tell(Ask(0), other);
        await other.ExpectMsgAsync(new DeliveryRunning(Record(0), Kind, 1));

        attempt.Tell(new DeliveryOutcome.Delivered(0, "done"));
        await one.ExpectMsgAsync(new DeliveryDone(Record(0), Kind, 1, 0, "done"));
        await other.ExpectMsgAsync(new DeliveryDone(Record(0), Kind, 1, 0, "done"));
        Assert.False(_begun.HasMessages);
    }

    [Fact]
    public async Task Whoever_did_not_hear_an_outcome_is_told_it_without_a_second_attempt_and_the_next_attempt_is_made()
    {
        _service.Tell(Ask(0), TestActor);
        await ExpectMsgAsync<DeliveryRunning>();
        await _begun.ExpectMsgAsync<RecordToDeliver>();
        _begun.LastSender.Tell(new DeliveryOutcome.Failed(1, "no", "It refused.", MayPass: true));
        var failed = new DeliveryNotDone(Record(0), Kind, 1, 1, "no", "It refused.", true);
        await ExpectMsgAsync(failed);

        _service.Tell(Ask(0), TestActor);
        await ExpectMsgAsync(failed);
        _service.Tell(Ask(0) with { Attempt = 2 }, TestActor);
        await ExpectMsgAsync(new DeliveryRunning(Record(0), Kind, 2));
        Assert.Equal(2, (await _begun.ExpectMsgAsync<RecordToDeliver>()).Attempt);
    }

    [Fact]
    public async Task A_few_are_under_way_at_once_and_the_others_wait_their_turn()
    {
        for (var n = 0; n <= AtOnce; n++)
        {
            _service.Tell(Ask(n), TestActor);
        }
        for (var n = 0; n < AtOnce; n++)
        {
            await ExpectMsgAsync(new DeliveryRunning(Record(n), Kind, 1));
        }
        await ExpectMsgAsync(new DeliveryQueued(Record(AtOnce), Kind, 1));
        await _begun.ExpectMsgAsync<RecordToDeliver>();
        var first = _begun.LastSender;
        await _begun.ExpectMsgAsync<RecordToDeliver>();
        Assert.False(_begun.HasMessages);

        first.Tell(new DeliveryOutcome.Delivered(0, null));
        await ExpectMsgAsync<DeliveryDone>();
        await ExpectMsgAsync(new DeliveryRunning(Record(AtOnce), Kind, 1));
        Assert.Equal(Record(AtOnce), (await _begun.ExpectMsgAsync<RecordToDeliver>()).Path);
    }

    [Fact]
    public async Task A_growing_record_takes_no_place_of_an_attempt_and_its_parts_are_told()
    {
        for (var n = 1; n <= AtOnce; n++)
        {
            _service.Tell(Ask(n), TestActor);
            await ExpectMsgAsync<DeliveryRunning>();
            await _begun.ExpectMsgAsync<RecordToDeliver>();
        }
        _service.Tell(Growing(0), TestActor);
        await ExpectMsgAsync(new DeliveryQueued(Record(0), Kind, 0));
        Assert.True((await _begun.ExpectMsgAsync<RecordToDeliver>()).Growing);

        _begun.LastSender.Tell(new GrownPartSent("a.mp4", "upload", 5, 1, "tag"));

        await ExpectMsgAsync(new PartDelivered(Record(0), Kind, "a.mp4", "upload", 5, 1, "tag"));
    }

    [Fact]
    public async Task Whoever_asks_anew_for_a_growing_record_is_told_all_its_parts_once_and_in_their_order()
    {
        var (earlier, later) = (CreateTestProbe(), CreateTestProbe());
        _service.Tell(Growing(0), earlier);
        await earlier.ExpectMsgAsync<DeliveryQueued>();
        await _begun.ExpectMsgAsync<RecordToDeliver>();
        _begun.LastSender.Tell(new GrownPartSent("a.mp4", "given up", 5, 3, "old"));
        await earlier.ExpectMsgAsync<PartDelivered>();
        foreach (var (number, tag) in new[] { (1, "head"), (2, "tag"), (1, "changed head") })
        {
            _begun.LastSender.Tell(new GrownPartSent("a.mp4", "upload", 5, number, tag));
            await earlier.ExpectMsgAsync<PartDelivered>();
        }

        _service.Tell(Growing(0), later);

        await later.ExpectMsgAsync<DeliveryQueued>();
        await later.ExpectMsgAsync(new PartDelivered(Record(0), Kind, "a.mp4", "upload", 5, 1, "changed head"));
        await later.ExpectMsgAsync(new PartDelivered(Record(0), Kind, "a.mp4", "upload", 5, 2, "tag"));

        _service.Tell(Growing(0), later);
        await later.ExpectMsgAsync<DeliveryQueued>();
        _begun.LastSender.Tell(new GrownPartSent("a.mp4", "upload", 5, 3, "end"));
        Assert.Equal(3, (await later.ExpectMsgAsync<PartDelivered>()).Number);
    }

    [Fact]
    public async Task The_sending_of_a_growing_record_for_which_nobody_asks_any_more_ends()
    {
        var (delivery, folder) = (new ScriptedDelivery(_begun, stops: true), _folder);
        var service = Sys.ActorOf(
            Props.Create(() =>
                new DeliveryServiceActor(delivery, folder, Sample.Node, TimeSpan.FromMilliseconds(50))
            )
        );
        service.Tell(Growing(0), TestActor);
        await _begun.ExpectMsgAsync<RecordToDeliver>();
        Watch(_begun.LastSender);

        await FishForMessageAsync(message => message is Terminated);

        service.Tell(Growing(0), TestActor);
        Assert.True((await _begun.ExpectMsgAsync<RecordToDeliver>()).Growing);
    }

    [Fact]
    public async Task Growing_records_share_the_limit_of_the_node_and_an_earlier_one_begins_anew_with_a_smaller_share()
    {
        var (delivery, folder) = (new ScriptedDelivery(_begun, stops: true) { SharesLimit = true }, _folder);
        var interval = DeliveryServiceActor.AskInterval;
        var service = Sys.ActorOf(
            Props.Create(() => new DeliveryServiceActor(delivery, folder, Sample.Node, interval))
        );
        service.Tell(Growing(0), TestActor);
        Assert.Equal(1, (await _begun.ExpectMsgAsync<RecordToDeliver>()).GrowingSharers);
        Watch(_begun.LastSender);
        service.Tell(Growing(1), TestActor);
        Assert.Equal(2, (await _begun.ExpectMsgAsync<RecordToDeliver>()).GrowingSharers);
        service.Tell(Ask(2), TestActor);
        Assert.Equal(2, (await _begun.ExpectMsgAsync<RecordToDeliver>()).GrowingSharers);

        service.Tell(Growing(1), TestActor);
        service.Tell(Growing(0), TestActor);
        await FishForMessageAsync(message => message is Terminated);
        service.Tell(Growing(0), TestActor);

        var again = await _begun.ExpectMsgAsync<RecordToDeliver>();
        Assert.Equal((Record(0), 2), (again.Path, again.GrowingSharers));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(5, 8)]
    public void The_shares_of_growing_records_are_enough_for_all_of_them(int growing, int shares) =>
        Assert.Equal(shares, GrowthShares.For(growing));

    [Fact]
    public async Task A_closed_record_that_waits_for_the_end_of_its_growing_sending_takes_no_place()
    {
        for (var n = 0; n < AtOnce; n++)
        {
            _service.Tell(Growing(n), TestActor);
            await _begun.ExpectMsgAsync<RecordToDeliver>();
            _service.Tell(Ask(n), TestActor);
        }

        _service.Tell(Ask(AtOnce), TestActor);

        await FishForMessageAsync(message => message is DeliveryRunning running && running.Path == Record(AtOnce));
    }

    [Fact]
    public async Task The_closed_record_is_sent_when_nothing_sends_the_growing_one_any_more()
    {
        _service.Tell(Growing(0), TestActor);
        await ExpectMsgAsync<DeliveryQueued>();
        await _begun.ExpectMsgAsync<RecordToDeliver>();
        var growing = _begun.LastSender;
        Watch(growing);
        _service.Tell(Ask(0), TestActor);
        await ExpectMsgAsync(new DeliveryQueued(Record(0), Kind, 1));
        Assert.False(_begun.HasMessages);

        growing.Tell(new DeliveryOutcome.Failed(null, null, "The record does not grow any more.", MayPass: true));

        Assert.False((await _begun.ExpectMsgAsync<RecordToDeliver>()).Growing);
        await FishForMessageAsync(message => message is DeliveryRunning { Attempt: 1 });
    }

    [Fact]
    public async Task What_hinders_the_sending_of_a_growing_record_is_told_and_the_next_ask_begins_anew()
    {
        _service.Tell(Growing(0), TestActor);
        await ExpectMsgAsync<DeliveryQueued>();
        await _begun.ExpectMsgAsync<RecordToDeliver>();
        _begun.LastSender.Tell(new DeliveryOutcome.Failed(null, null, "No route.", MayPass: true));
        await ExpectMsgAsync(new DeliveryHeldUp(Record(0), Kind, 0, "No route."));

        _service.Tell(Growing(0), TestActor);

        Assert.True((await _begun.ExpectMsgAsync<RecordToDeliver>()).Growing);
    }

    [Fact]
    public async Task Few_growing_records_are_sent_at_once_and_the_others_begin_when_one_ends()
    {
        var delivery = new ScriptedDelivery(_begun) { GrowingAtOnce = 1 };
        var folder = _folder;
        var interval = DeliveryServiceActor.AskInterval;
        var service = Sys.ActorOf(
            Props.Create(() => new DeliveryServiceActor(delivery, folder, Sample.Node, interval))
        );
        for (var n = 0; n < 4; n++)
        {
            service.Tell(Growing(n), TestActor);
            await ExpectMsgAsync(new DeliveryQueued(Record(n), Kind, 0));
        }
        service.Tell(Growing(2), TestActor);
        await ExpectMsgAsync(new DeliveryQueued(Record(2), Kind, 0));
        Assert.Equal(Record(0), (await _begun.ExpectMsgAsync<RecordToDeliver>()).Path);
        var first = _begun.LastSender;
        Assert.False(_begun.HasMessages);

        // A record that is closed while it waits is no growing record any more.
        service.Tell(Ask(1), TestActor);
        await ExpectMsgAsync(new DeliveryRunning(Record(1), Kind, 1));
        Assert.False((await _begun.ExpectMsgAsync<RecordToDeliver>()).Growing);
        first.Tell(new DeliveryOutcome.Failed(null, null, "No route.", MayPass: true));
        await ExpectMsgAsync(new DeliveryHeldUp(Record(0), Kind, 0, "No route."));

        var next = await _begun.ExpectMsgAsync<RecordToDeliver>();
        Assert.Equal((Record(2), true), (next.Path, next.Growing));
        await ExpectMsgAsync(new DeliveryQueued(Record(2), Kind, 0));
        Assert.False(_begun.HasMessages);
    }

    [Fact]
    public async Task A_delivery_that_its_session_has_given_up_is_given_up_here_when_its_destination_is_known()
    {
        _service.Tell(new GiveUpDelivery(Sample.Id, Record(0), "../elsewhere"), TestActor);
        _service.Tell(new GiveUpDelivery(Sample.Id, Record(0), Kind), TestActor);

        await _begun.ExpectMsgAsync((Kind, Record(0)));
    }

    [Fact]
    public async Task A_node_completes_the_parts_of_a_record_that_it_does_not_hold()
    {
        var parts = new GrownParts("a.mp4", "upload", 5, ["tag"]);
        _service.Tell(Ask(0) with { Folder = FolderId.New(), Complete = parts }, TestActor);
        await ExpectMsgAsync<DeliveryRunning>();
        Assert.Equal(parts, (await _begun.ExpectMsgAsync<RecordToDeliver>()).Complete);

        _begun.LastSender.Tell(new DeliveryOutcome.Delivered(null, null));

        await ExpectMsgAsync(new DeliveryDone(Record(0), Kind, 1, null, null) { Partial = true });
    }

    private static DeliverRecord Growing(int n) => Ask(n) with { Growing = true, Attempt = 0 };

    [Fact]
    public async Task An_attempt_is_told_the_name_the_files_the_hash_and_the_address()
    {
        var address = new Uri("https://store.example.org/a?key=secret");
        _service.Tell(
            Ask(0) with
            {
                Name = "2021/a.mp4",
                What = [DeliveredFile.Record],
                Sha256 = new string('a', 64),
                Address = address,
            },
            TestActor
        );

        Assert.Equal(
            new RecordToDeliver(Sample.Id, Record(0), Record(0) + ".json", 1)
            {
                Name = "2021/a.mp4",
                What = [DeliveredFile.Record],
                Sha256 = new string('a', 64),
                Address = address,
            },
            await _begun.ExpectMsgAsync<RecordToDeliver>()
        );
    }

    [Fact]
    public async Task An_attempt_that_breaks_has_failed_and_the_next_one_goes_on()
    {
        _service.Tell(Ask(0), TestActor);
        await ExpectMsgAsync<DeliveryRunning>();
        await _begun.ExpectMsgAsync<RecordToDeliver>();
        _begun.LastSender.Tell("break");

        Assert.True((await ExpectMsgAsync<DeliveryNotDone>()).MayPass);
        _service.Tell(Ask(1), TestActor);
        await ExpectMsgAsync<DeliveryRunning>();
    }

    [Theory]
    [InlineData("/elsewhere/2021-09-22_07:56:00__0.mp4")]
    [InlineData("/records/../etc/2021-09-22_07:56:00__0.mp4")]
    [InlineData("/records/2021-09-22_07:56:00__1.mp4")]
    [InlineData("/records/passwd")]
    public async Task What_is_no_record_of_the_session_in_this_folder_is_not_delivered(string path)
    {
        _service.Tell(Ask(0) with { Path = path }, TestActor);

        Assert.False((await ExpectMsgAsync<DeliveryNotDone>()).MayPass);
        Assert.False(_begun.HasMessages);
    }

    [Fact]
    public async Task A_kind_that_this_node_does_not_have_is_a_failure_that_may_pass()
    {
        _service.Tell(Ask(0) with { To = "s3" }, TestActor);
        Assert.Contains("s3", (await ExpectMsgAsync<DeliveryNotDone>()).Message, StringComparison.Ordinal);

        var folder = _folder;
        var interval = DeliveryServiceActor.AskInterval;
        var none = Sys.ActorOf(Props.Create(() => new DeliveryServiceActor(null, folder, Sample.Node, interval)));
        none.Tell(Ask(0), TestActor);
        var failed = await ExpectMsgAsync<DeliveryNotDone>();
        Assert.True(failed.MayPass);
        Assert.Contains(Sample.Node, failed.Message, StringComparison.Ordinal);
    }

    private static string Record(int n) => $"/records/2021-09-22_07:56:0{n}__0.mp4";

    private static DeliverRecord Ask(int n) => new(Sample.Id, Record(n), Record(n) + ".json", Kind, 1);

    private sealed class ScriptedDelivery(IActorRef begun, bool stops = false) : IRecordDelivery
    {
        public DestinationList Destinations { get; } = Sample.Destinations(Kind);

        public DeliveryPatience Patience { get; } = new(TimeSpan.FromDays(7));

        public int AtOnce => DeliveryServiceActorTests.AtOnce;

        public bool SharesLimit { get; init; }

        public int GrowingAtOnce { get; init; } = int.MaxValue;

        public void GiveUp(string to, string path) => begun.Tell((to, path));

        public Props DeliveryOf(string to, RecordToDeliver record) =>
            Props.Create(() => new ScriptedAttempt(begun, record, stops));
    }

    private sealed class ScriptedAttempt : ReceiveActor
    {
        public ScriptedAttempt(IActorRef begun, RecordToDeliver record, bool stops)
        {
            Receive<DeliveryOutcome>(outcome => Context.Parent.Tell(outcome));
            Receive<GrownPartSent>(part => Context.Parent.Tell(part));
            Receive<StopSending>(_ =>
            {
                if (stops)
                {
                    Context.Parent.Tell(new DeliveryOutcome.Failed(null, null, "It was to stop.", MayPass: true));
                }
            });
            Receive<string>(_ => throw new InvalidOperationException("It broke."));
            begun.Tell(record, Self);
        }
    }
}
