using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>What the placement writes of a report: only what is new, and never less.</summary>
public sealed class SummaryChangesTests
{
    private static readonly Gen<SessionSummary> Summary =
        from phase in Gen.Int[(int)SessionPhase.Starting, (int)SessionPhase.Interrupted]
        from records in Gen.Select(Gen.Int[1, 4], Gen.Int[0, 2], Gen.Bool).Array[0, 5]
        from faults in Gen.Int[0, 5].Array[0, 5]
        from gaps in Gen.Int[0, 5].Array[0, 3]
        from marks in Gen.Select(Gen.Int[1, 3], Gen.Bool).Array[0, 3]
        from spec in Gen.Int[0, 2]
        from paused in Gen.Bool
        select Farm.Summary(1, (SessionPhase)phase) with
        {
            Records = [.. records.Select(record => Record(record.Item1, record.Item2, record.Item3))],
            Faults = [.. faults.Select(second => new SessionFault(Sample.Time(second), Farm.NodeA, "code", "why"))],
            Gaps = [.. gaps.Select(second => new SessionGap(Sample.Time(second), null, "code"))],
            Spec = Farm.Ask(page: $"https://example.org/room#{spec}").Spec,
            PausedSince = paused ? Sample.Begin : null,
            Marks =
            [
                .. marks.Select(mark => new SessionMark($"mark-{mark.Item1}", "Vote", Sample.Begin)
                {
                    Record = mark.Item2 ? 1 : null,
                }),
            ],
            EverRecorded = paused,
        };

    [Fact]
    public void Written_and_read_every_change_makes_the_summary_that_was_reported() =>
        Gen.Select(Summary, Summary)
            .Sample(
                (before, after) =>
                {
                    var known = new PlacedSession(3, 1, "key", before);
                    var change = Written(SummaryChanges.Of(known, after, 2));
                    var changed = SummaryChanges.Apply(known, change);
                    Assert.Equal((3, 2L, "key"), (changed.Shard, changed.Version, changed.IdempotencyKey));
                    Assert.Equal(Text(after), Text(changed.Summary));
                },
                iter: 5_000
            );

    [Fact]
    public void A_list_is_changed_by_what_differs_and_by_nothing_else() =>
        Gen.Select(Gen.Int[0, 3].List[0, 12], Gen.Int[0, 3].List[0, 12])
            .Sample(
                (before, after) =>
                    Assert.Equal(
                        after,
                        SummaryChanges.Apply(
                            [.. before],
                            SummaryChanges.Between<int>([.. before], [.. after], (one, other) => one == other)
                        )
                    ),
                iter: 20_000
            );

    [Fact]
    public void The_event_of_a_session_with_thousands_of_records_is_as_short_as_that_of_a_session_with_few()
    {
        var (few, many) = (With(2), With(2_000));
        Assert.InRange(LengthOf(many), 1, LengthOf(few) + 50);
        Assert.InRange(LengthOf(many), 1, 1_000);

        static int LengthOf(SessionSummary before)
        {
            var after = before with { Records = before.Records.Add(Record(5_000, 0, false)) };
            return Text(SummaryChanges.Of(new PlacedSession(1, 1, null, before), after, 2)).Length;
        }
    }

    [Fact]
    public void A_full_list_of_faults_is_changed_by_its_newest_fault()
    {
        var faults = Enumerable
            .Range(0, SessionState.FaultsKept + 1)
            .Select(second => new SessionFault(Sample.Time(second), Farm.NodeA, "code", "why"))
            .ToImmutableList();
        var change = SummaryChanges.Between(
            faults.RemoveAt(faults.Count - 1),
            faults.RemoveAt(0),
            (one, other) => one == other
        );
        Assert.Equal((1, 0, 1), (change!.Dropped, change.Removed, change.Added.Count));
    }

    private static SessionSummary With(int records) =>
        Farm.Summary(1, SessionPhase.Recording) with
        {
            Records = [.. Enumerable.Range(1, records).Select(record => Record(record, 0, false))],
        };

    private static RecordSummary Record(int number, int frames, bool delivered) =>
        new($"/records/{number}.mp4", number, true, Sample.Begin, null, null, false, frames, 0)
        {
            Node = Farm.NodeA,
            Deliveries =
            [
                new DeliverySummary(
                    "command",
                    delivered ? DeliveryState.Delivered : DeliveryState.Running,
                    Sample.Begin
                ),
            ],
        };

    private static SessionAdvanced Written(SessionAdvanced change) =>
        JsonSerializer.Deserialize<SessionAdvanced>(Text(change), WireSerializer.Json)!;

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, WireSerializer.Json);
}
