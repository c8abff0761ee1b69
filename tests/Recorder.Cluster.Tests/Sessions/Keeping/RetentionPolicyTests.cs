using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Keeping;

public sealed class RetentionPolicyTests
{
    private static readonly SessionLabel Sal = new("room", "Sal");
    private static readonly SessionLabel Legal = new("kind", "legal");
    private static readonly RetentionPolicy Policy = new(
        TimeSpan.FromDays(30),
        [new RetentionRule(Legal, null), new RetentionRule(Sal, TimeSpan.FromDays(2))]
    );

    [Fact]
    public void Without_anything_said_every_record_is_kept() =>
        Assert.Null(RetentionPolicy.Keep.ExpiresAt(Sample.Spec, Record));

    [Fact]
    public void The_age_counts_from_the_end_of_the_record()
    {
        Assert.Equal(Sample.Time(20).AddDays(30), Policy.ExpiresAt(Sample.Spec, Record));
        Assert.Null(Policy.ExpiresAt(Sample.Spec, Record with { ClosedAt = null, Duration = null }));
        Assert.Equal(
            Sample.Time(2 + 18).AddDays(30),
            Policy.ExpiresAt(Sample.Spec, Record with { ClosedAt = null })
        );
    }

    [Fact]
    public void The_start_goes_before_the_rules_and_the_first_rule_before_the_second_and_the_default()
    {
        Assert.Equal(Sample.Time(20).AddDays(2), Policy.ExpiresAt(Sample.Spec with { Labels = [Sal] }, Record));
        Assert.Null(Policy.ExpiresAt(Sample.Spec with { Labels = [Sal, Legal] }, Record));
        Assert.Equal(
            Sample.Time(20).AddDays(5),
            Policy.ExpiresAt(
                Sample.Spec with
                {
                    Labels = [Legal],
                    Retention = new RetentionSpec(TimeSpan.FromDays(5)),
                },
                Record
            )
        );
        Assert.Null(Policy.ExpiresAt(Sample.Spec with { Retention = new RetentionSpec(null) }, Record));
    }

    [Fact]
    public void A_record_may_go_after_the_last_of_its_deliveries_when_each_of_them_says_so()
    {
        var record = Record with
        {
            Deliveries =
            [
                Delivered("a", 100) with { KeepLocal = TimeSpan.FromHours(1) },
                Delivered("b", 200) with { KeepLocal = TimeSpan.Zero },
            ],
        };
        Assert.Equal(Sample.Time(100).AddHours(1), RetentionPolicy.Keep.ExpiresAt(Sample.Spec, record));
        Assert.Equal(
            EraseCause.Delivered,
            RetentionPolicy.Keep.CauseAt(Sample.Spec, record, Sample.Time(100).AddHours(1))
        );
        Assert.Null(RetentionPolicy.Keep.CauseAt(Sample.Spec, record, Sample.Time(99).AddHours(1)));
        Assert.Null(
            RetentionPolicy.Keep.ExpiresAt(Sample.Spec, record with { Deliveries = [.. record.Deliveries, Delivered("c", 1)] })
        );
        Assert.Null(
            RetentionPolicy.Keep.ExpiresAt(Sample.Spec with { Retention = new RetentionSpec(null) }, record)
        );
    }

    [Theory]
    [InlineData("put", "The destination told no sum.", false)]
    [InlineData("put", null, true)]
    [InlineData(null, "The output of a command.", true)]
    public void A_destination_that_confirms_nothing_never_lets_a_record_go(string? kind, string? output, bool goes)
    {
        var record = Record with
        {
            Deliveries =
            [
                Delivered("a", 100) with
                {
                    DestinationKind = kind,
                    LastOutput = output,
                    KeepLocal = TimeSpan.FromHours(1),
                },
            ],
        };

        Assert.Equal(goes, RetentionPolicy.Keep.ExpiresAt(Sample.Spec, record) is not null);
    }

    [Fact]
    public void Nothing_on_hold_undelivered_or_unfinished_is_ever_erased()
    {
        var late = Sample.Time(0).AddYears(50);
        Assert.Equal(EraseCause.Age, Policy.CauseAt(Sample.Spec, Record, late));
        Assert.Null(Policy.CauseAt(Sample.Spec, Record with { Hold = new RecordHold(late, "") }, late));
        Assert.Null(Policy.CauseAt(Sample.Spec, Record with { ManifestDue = true }, late));
        Assert.Null(Policy.CauseAt(Sample.Spec, Record with { Finished = false }, late));
        foreach (var state in Enum.GetValues<DeliveryState>().Where(state => state != DeliveryState.Delivered))
        {
            var record = Record with { Deliveries = [new DeliverySummary("a", state, late)] };
            Assert.Null(Policy.CauseAt(Sample.Spec, record, late));
            Assert.False(Policy.MayMakeRoom(Sample.Spec, record));
        }
    }

    [Fact]
    public void What_the_options_say_of_a_destination_counts_only_where_neither_start_nor_rule_speaks()
    {
        var record = Record with { Deliveries = [Delivered("a", 100) with { KeepLocal = TimeSpan.Zero }] };

        Assert.Equal(Sample.Time(100), Policy.ExpiresAt(Sample.Spec, record));
        Assert.Null(Policy.ExpiresAt(Sample.Spec with { Labels = [Legal] }, record));
        Assert.Equal(
            Sample.Time(20).AddDays(5),
            Policy.ExpiresAt(Sample.Spec with { Retention = new RetentionSpec(TimeSpan.FromDays(5)) }, record)
        );
    }

    [Fact]
    public void What_the_start_says_of_a_destination_goes_before_rules_and_keeps_the_record_from_making_room()
    {
        var record = Record with { Deliveries = [Delivered("a", 100) with { KeepLocal = TimeSpan.FromHours(1) }] };
        var hour = Said(TimeSpan.FromHours(1)) with { Labels = [Legal] };
        var keep = Said(null);

        Assert.Equal(Sample.Time(100).AddHours(1), Policy.ExpiresAt(hour, record));
        Assert.Null(Policy.ExpiresAt(keep, record));
        Assert.All([hour, keep], spec => Assert.False(Policy.MayMakeRoom(spec, record)));
        // Both were said of the start: the earlier time counts.
        Assert.Equal(
            Sample.Time(100).AddHours(1),
            Policy.ExpiresAt(hour with { Retention = new RetentionSpec(TimeSpan.FromDays(5)) }, record)
        );

        static SessionSpec Said(TimeSpan? after) =>
            Sample.Spec with
            {
                Deliver = new DeliverySpec([new DeliveryOrder("a", null, [], []) { KeepLocal = new(after) }]),
            };
    }

    [Fact]
    public void A_manifest_or_a_part_at_the_destination_is_no_record_there()
    {
        var delivered = Delivered("a", 100) with { KeepLocal = TimeSpan.Zero };
        var manifest = Record with { Deliveries = [delivered with { What = [DeliveredFile.Manifest] }] };
        var part = Record with { Deliveries = [delivered with { Partial = true }] };

        Assert.Null(RetentionPolicy.Keep.ExpiresAt(Sample.Spec, manifest));
        Assert.Null(RetentionPolicy.Keep.ExpiresAt(Sample.Spec, part));
        Assert.Equal("The record is not delivered everywhere.", RetentionPolicy.WhyKept(part));
        Assert.Null(Policy.CauseAt(Sample.Spec, part, Sample.Time(0).AddYears(50)));
    }

    [Fact]
    public void Only_records_of_the_default_make_room()
    {
        Assert.True(Policy.MayMakeRoom(Sample.Spec, Record));
        Assert.False(Policy.MayMakeRoom(Sample.Spec with { Labels = [Sal] }, Record));
        Assert.False(Policy.MayMakeRoom(Sample.Spec with { Retention = new RetentionSpec(null) }, Record));
        Assert.False(Policy.MayMakeRoom(Sample.Spec, Record with { Hold = new RecordHold(Sample.Time(0), "") }));
    }

    [Fact]
    public void The_options_tell_the_policy_and_what_is_wrong_with_them()
    {
        var options = new RetentionOptions { Default = "30 d" };
        options.Rules.Add(new RetentionRuleOptions { Label = "room=Sal=1", Age = "keep" });
        options.Rules.Add(new RetentionRuleOptions { Label = "room", Age = "2 d" });
        options.Rules.Add(new RetentionRuleOptions { Label = "room=Sal", Age = "2" });
        List<string> problems = [];
        var policy = RetentionSettings.Read(options, problems);
        Assert.Equal(TimeSpan.FromDays(30), policy.Default);
        Assert.Equal(new RetentionRule(new SessionLabel("room", "Sal=1"), null), policy.Rules[0]);
        Assert.Collection(
            problems,
            problem => Assert.Contains("Rules:1:Label", problem, StringComparison.Ordinal),
            problem => Assert.Contains("Rules:2:Age", problem, StringComparison.Ordinal)
        );

        // A rule that cannot be read erases nothing.
        Assert.Null(policy.Rules[1].Age);
        Assert.Equal(RetentionPolicy.Keep.Default, RetentionSettings.Read(new RetentionOptions()).Default);
    }

    private static RecordSummary Record =>
        new(Sample.FirstRecord, 1, true, Sample.Time(2), TimeSpan.FromSeconds(18), 12, false, 1, 0)
        {
            Number = 1,
            ClosedAt = Sample.Time(20),
        };

    private static DeliverySummary Delivered(string to, double at) => new(to, DeliveryState.Delivered, Sample.Time(at));
}
