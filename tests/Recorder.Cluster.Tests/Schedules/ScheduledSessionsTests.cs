using System.Collections.Immutable;
using Recorder.Cluster.Events;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Schedules;

/// <summary>A farm of one carries schedules out.</summary>
[Trait("ring", "farm")]
public sealed class ScheduledSessionsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_page_is_joined_before_its_time_and_not_recorded_yet()
    {
        await using var node = await TestNode.StartAsync(_folder);
        var book = new ScheduleBook(node.Database);
        var now = TimeProvider.System.GetUtcNow();
        await book.AddAsync(
            ScheduleSample.Once("sch_a", now.AddMinutes(20), now) with
            {
                Lead = TimeSpan.FromMinutes(30),
            },
            CancellationToken.None
        );
        node.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());

        var started = await OccurrenceAsync(book, "sch_a", "started", one => one.State == OccurrenceState.Started);

        await node.SummaryAsync(
            started.Session!.Value,
            "waiting",
            one => one.Phase == SessionPhase.WaitingToBegin && !one.EverRecorded
        );
    }

    [Fact]
    public async Task A_page_is_recorded_from_its_time_and_not_longer_than_wanted()
    {
        await using var node = await TestNode.StartAsync(_folder);
        var book = new ScheduleBook(node.Database);
        var now = TimeProvider.System.GetUtcNow();
        var at = now.AddSeconds(3);
        await book.AddAsync(
            ScheduleSample.Once("sch_a", at, now) with
            {
                Duration = TimeSpan.FromSeconds(2),
            },
            CancellationToken.None
        );
        node.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());

        var closed = await OccurrenceAsync(book, "sch_a", "done", one => one.State == OccurrenceState.Done);

        var ended = Assert.Single(await node.ListAsync());
        Assert.Equal(ended.Id, closed.Session);
        Assert.Equal(EndReason.MaxDuration, ended.EndReason);
        var opened = Assert.Single(ended.Records).OpenedAt!.Value;
        Assert.True(opened >= at, $"The record opened at {opened:O}, before {at:O}.");
    }

    [Fact]
    public async Task A_recording_that_queues_begins_when_the_one_before_has_ended()
    {
        await using var node = await TestNode.StartAsync(_folder);
        var book = new ScheduleBook(node.Database);
        var now = TimeProvider.System.GetUtcNow();
        // Each minute has a time, and two have passed.
        await book.AddAsync(
            new Schedule("sch_a", ScheduleSample.Page, now.AddMinutes(-2))
            {
                Cron = "* * * * *",
                Lead = TimeSpan.Zero,
                Overlap = ScheduleOverlap.Queue,
            },
            CancellationToken.None
        );
        node.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());

        var first = await OccurrenceAsync(book, "sch_a", "started", one => one.State == OccurrenceState.Started);
        await node.SummaryAsync(first.Session!.Value, "recording", one => one.Phase == SessionPhase.Recording);
        Assert.Single(await node.ListAsync());
        await node.StopAsync(first.Session!.Value);

        var second = await OccurrenceAsync(
            book,
            "sch_a",
            "started after the first",
            one => one.At == first.At.AddMinutes(1) && one.State == OccurrenceState.Started
        );
        Assert.NotEqual(first.Session, second.Session);
    }

    [Fact]
    public async Task A_time_without_room_is_told_ahead_once_and_taken_back_when_there_is_room()
    {
        await using var node = await TestNode.StartAsync(_folder);
        var (book, risks) = (new ScheduleBook(node.Database), new ScheduleRiskBook(node.Database));
        var now = TimeProvider.System.GetUtcNow();
        // The node of the test has four slots.
        foreach (var number in Enumerable.Range(0, 6))
        {
            await book.AddAsync(
                ScheduleSample.Once($"sch_{number}", now.AddMinutes(5).AddSeconds(number), now) with
                {
                    Name = $"Number {number}",
                },
                CancellationToken.None
            );
        }
        node.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());

        await Eventually.BeAsync(
            "the last time is at risk",
            TestNode.FarmLimit,
            async () => (await risks.PresentAsync(now, CancellationToken.None)).Any(time => time.Schedule == "sch_5")
        );
        var present = await risks.PresentAsync(now, CancellationToken.None);
        Assert.Equal(["sch_4", "sch_5"], present.Select(time => time.Schedule).Order(StringComparer.Ordinal));
        var kept = (await book.FindAsync("sch_5", CancellationToken.None))!;
        await book.ChangeAsync(kept, kept.Schedule with { Enabled = false }, now, CancellationToken.None);
        node.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());
        await Eventually.BeAsync(
            "the last time is not at risk",
            TestNode.FarmLimit,
            async () => !(await risks.PresentAsync(now, CancellationToken.None)).Any(time => time.Schedule == "sch_5")
        );

        var told = await new EventFeed(node.Database).OfSessionAsync(0, 0, 1000, CancellationToken.None);
        var events = told.Where(one => one.Body.Contains("\"schedule.at_risk\"", StringComparison.Ordinal)).ToList();
        Assert.Single(events, one => one.Body.Contains("\"name\":\"Number 5\"", StringComparison.Ordinal));
        Assert.Equal(present.Count, events.Count);
    }

    [Fact]
    public async Task Each_session_of_a_schedule_has_the_webhooks_of_its_start_also_when_another_is_tried()
    {
        await using var node = await TestNode.StartAsync(_folder);
        node.Media.Fails = true;
        var book = new ScheduleBook(node.Database);
        var now = TimeProvider.System.GetUtcNow();
        await book.AddAsync(
            ScheduleSample.Once("sch_a", now.AddSeconds(2), now) with
            {
                Late = TimeSpan.FromSeconds(20),
                Webhooks = [new ScheduledWebhook("https://example.org/hook", ["session.*"], WebhookSecret.New())],
            },
            CancellationToken.None
        );
        node.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());

        await Eventually.BeAsync(
            "two sessions of the schedule have their webhook",
            TestNode.FarmLimit,
            async () =>
                (await new WebhookStore(node.Database).ListAsync(CancellationToken.None))
                    .Where(webhook => webhook.Url == "https://example.org/hook" && webhook.Session is not null)
                    .DistinctBy(webhook => webhook.Session)
                    .Count() >= 2
        );
    }

    [Fact]
    public async Task A_session_that_fails_is_tried_again_and_its_time_is_missed_when_none_records()
    {
        await using var node = await TestNode.StartAsync(_folder);
        node.Media.Fails = true;
        var book = new ScheduleBook(node.Database);
        var now = TimeProvider.System.GetUtcNow();
        await book.AddAsync(
            ScheduleSample.Once("sch_a", now.AddSeconds(2), now) with
            {
                Late = TimeSpan.FromSeconds(6),
            },
            CancellationToken.None
        );
        node.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());

        var missed = await OccurrenceAsync(book, "sch_a", "missed", one => one.State == OccurrenceState.Missed);

        Assert.NotNull(missed.Reason);
        Assert.All(await node.ListAsync(), one => Assert.False(one.EverRecorded));
        Assert.True((await node.ListAsync()).Count >= 2, "No second session was tried.");
    }

    [Fact]
    public async Task A_time_while_the_farm_was_down_is_missed_and_the_next_is_recorded()
    {
        var now = TimeProvider.System.GetUtcNow();
        ImmutableList<Schedule> schedules =
        [
            ScheduleSample.Once("sch_late", now.AddMinutes(-9), now.AddDays(-1)),
            ScheduleSample.Once("sch_missed", now.AddMinutes(-11), now.AddDays(-1)),
        ];
        await using var node = await TestNode.StartAsync(_folder);
        var book = new ScheduleBook(node.Database);
        foreach (var schedule in schedules)
        {
            await book.AddAsync(schedule, CancellationToken.None);
        }
        node.System.ActorSelection("/user/schedules-proxy").Tell(new SchedulesChanged());

        var missed = await OccurrenceAsync(book, "sch_missed", "missed", one => one.State == OccurrenceState.Missed);
        var late = await OccurrenceAsync(book, "sch_late", "started", one => one.State == OccurrenceState.Started);

        Assert.Equal(MissedCode.TooLate, missed.Code);
        await node.SummaryAsync(late.Session!.Value, "recording", one => one.Phase == SessionPhase.Recording);
        Assert.Single(await node.ListAsync());
    }

    private static async Task<Occurrence> OccurrenceAsync(
        ScheduleBook book,
        string schedule,
        string what,
        Func<Occurrence, bool> expected
    )
    {
        Occurrence? found = null;
        await Eventually.BeAsync(
            $"the time of {schedule} is {what}",
            TestNode.FarmLimit,
            async () =>
            {
                var all = await book.OccurrencesAsync(
                    schedule,
                    DateTimeOffset.MinValue,
                    DateTimeOffset.MaxValue,
                    10,
                    CancellationToken.None
                );
                found = all.Find(one => expected(one));
                return found is not null;
            }
        );
        return found!;
    }
}
