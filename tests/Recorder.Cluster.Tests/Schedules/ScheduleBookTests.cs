using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Schedules;

/// <summary>Schedules and their times, in a database.</summary>
[Trait("ring", "actor")]
public sealed class ScheduleBookTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 12, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();
    private FarmDatabase _database = null!;
    private ScheduleBook _book = null!;

    public async Task InitializeAsync()
    {
        _database = new FarmDatabase(new DatabaseOptions { File = _folder.Database });
        await _database.PrepareAsync(CancellationToken.None);
        _book = new ScheduleBook(_database);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_schedule_is_kept_whole_and_its_next_time_is_due_before()
    {
        var schedule = ScheduleSample.Daily() with
        {
            Name = "Morning",
            Owner = "ada",
            Duration = TimeSpan.FromMinutes(30),
            Exceptions = [new DateOnly(2026, 12, 24)],
            Until = Nine.AddYears(1),
            Limits = new Recorder.Cluster.Placement.OwnerLimits("key", 2, 0),
        };
        Assert.True(await _book.AddAsync(schedule, CancellationToken.None));
        Assert.False(await _book.AddAsync(schedule, CancellationToken.None));

        var kept = await _book.FindAsync("sch_a", CancellationToken.None);

        Assert.True(schedule.StartsTheSame(kept!.Schedule));
        Assert.Equal(schedule with { Spec = kept.Schedule.Spec, Exceptions = kept.Schedule.Exceptions }, kept.Schedule);
        Assert.Equal(schedule.Exceptions, kept.Schedule.Exceptions);
        Assert.Empty(await _book.DueAsync(Nine - TimeSpan.FromSeconds(46), CancellationToken.None));
        Assert.Single(await _book.DueAsync(Nine - TimeSpan.FromSeconds(45), CancellationToken.None));
    }

    [Fact]
    public async Task Of_two_nodes_only_one_settles_a_time()
    {
        await _book.AddAsync(ScheduleSample.Daily(), CancellationToken.None);
        var kept = (await _book.FindAsync("sch_a", CancellationToken.None))!;

        var both = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => _book.BeginAsync(kept, Nine, Nine, CancellationToken.None))
        );

        var one = Assert.Single(both, begun => begun is not null);
        var open = Assert.Single(await _book.OpenAsync(CancellationToken.None));
        Assert.Equal(one!.Key, open.Key);
        Assert.Equal(OccurrenceState.Starting, open.Occurrence.State);
        Assert.Equal(Nine, (open.Spec as PageSessionSpec)?.Begin?.NotBefore);
    }

    [Fact]
    public async Task A_changed_schedule_is_not_settled_by_whoever_knows_the_earlier_one()
    {
        await _book.AddAsync(ScheduleSample.Daily(), CancellationToken.None);
        var before = (await _book.FindAsync("sch_a", CancellationToken.None))!;
        var after = await _book.ChangeAsync(
            before,
            before.Schedule with
            {
                Enabled = false,
            },
            ScheduleSample.Made,
            CancellationToken.None
        );

        Assert.False(after!.Schedule.Enabled);
        Assert.Null(await _book.BeginAsync(before, Nine, Nine, CancellationToken.None));
        Assert.Null(await _book.ChangeAsync(before, before.Schedule, Nine, CancellationToken.None));
        Assert.Empty(await _book.DueAsync(Nine.AddDays(1), CancellationToken.None));
    }

    [Fact]
    public async Task A_missed_time_is_told_once_in_the_feed()
    {
        await _book.AddAsync(ScheduleSample.Daily() with { Name = "Morning" }, CancellationToken.None);
        var kept = (await _book.FindAsync("sch_a", CancellationToken.None))!;
        var begun = (await _book.BeginAsync(kept, Nine, Nine, CancellationToken.None))!;
        await _book.StartedAsync(
            begun.Occurrence with
            {
                Session = new SessionId(7),
            },
            Nine,
            CancellationToken.None
        );
        var missed = OccurrenceOutcome.Failed(
            begun.Occurrence with
            {
                Session = new SessionId(7),
            },
            FaultCode.NodeLost,
            "Its node went away."
        );

        await _book.CloseAsync(missed, "Morning", "node", Nine, CancellationToken.None);
        await _book.CloseAsync(missed, "Morning", "node", Nine, CancellationToken.None);

        Assert.Empty(await _book.OpenAsync(CancellationToken.None));
        var occurrence = Assert.Single(
            await _book.OccurrencesAsync("sch_a", Nine, Nine.AddDays(1), 10, CancellationToken.None)
        );
        Assert.Equal(missed, occurrence);
        var told = await new EventFeed(_database).OfSessionAsync(0, 0, 10, CancellationToken.None);
        var body = Assert.Single(told).Body;
        Assert.Contains(EventType.ScheduleMissed, body, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"Morning\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_schedule_leaves_nothing_behind()
    {
        await _book.AddAsync(ScheduleSample.Daily(), CancellationToken.None);
        var kept = (await _book.FindAsync("sch_a", CancellationToken.None))!;
        await _book.BeginAsync(kept, Nine, Nine, CancellationToken.None);

        Assert.True(await _book.RemoveAsync("sch_a", CancellationToken.None));

        Assert.False(await _book.RemoveAsync("sch_a", CancellationToken.None));
        Assert.Empty(await _book.OpenAsync(CancellationToken.None));
        Assert.Null(await _book.FindAsync("sch_a", CancellationToken.None));
    }

    [Fact]
    public async Task Times_and_schedules_that_passed_long_ago_are_forgotten()
    {
        await _book.AddAsync(ScheduleSample.Once("sch_once", Nine), CancellationToken.None);
        await _book.AddAsync(ScheduleSample.Daily(), CancellationToken.None);
        var kept = (await _book.FindAsync("sch_a", CancellationToken.None))!;
        var left = new Occurrence("sch_a", Nine, OccurrenceState.Skipped) { Code = MissedCode.Overlap };
        Assert.True(await _book.LeaveOutAsync(kept, left, "node", Nine, CancellationToken.None));

        await _book.ForgetAsync(Nine.AddDays(29), CancellationToken.None);
        Assert.Equal(2, (await _book.ListAsync(null, null, 10, CancellationToken.None)).Count);
        await _book.ForgetAsync(Nine.AddDays(31), CancellationToken.None);

        Assert.Equal("sch_a", Assert.Single(await _book.ListAsync(null, null, 10, CancellationToken.None)).Schedule.Id);
        Assert.Empty(await _book.OccurrencesAsync("sch_a", Nine, Nine.AddDays(1), 10, CancellationToken.None));
    }
}
