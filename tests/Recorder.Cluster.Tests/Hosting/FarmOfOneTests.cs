using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Xunit.Abstractions;

namespace Recorder.Cluster.Tests.Hosting;

[Trait("ring", "farm")]
public sealed class FarmOfOneTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_session_starts_is_listed_and_stops()
    {
        await using var node = await TestNode.StartAsync(_folder);
        var id = await node.RecordAsync();

        var recording = await node.SummaryAsync(id);
        Assert.Equal((SessionPhase.Recording, 1), (recording.Phase, recording.Attempt));
        Assert.False(Assert.Single(recording.Records).Finished);

        Assert.IsType<StopDone>(await node.StopAsync(id));
        var stopped = await node.SummaryAsync(id);
        Assert.Equal(SessionPhase.Stopped, stopped.Phase);
        Assert.True(Assert.Single(stopped.Records).Finished);
        Assert.EndsWith("finished\n", await File.ReadAllTextAsync(stopped.Records[0].Path), StringComparison.Ordinal);
        var described = await node.SummaryAsync(
            id,
            "described by a manifest",
            session => session.Records[0].Sha256 is not null
        );
        Assert.Equal(
            described.Records[0].Sha256,
            TestFolder.ManifestOf(stopped.Records[0].Path).GetProperty("sha256").GetString()
        );
        Assert.False(described.Records[0].ManifestDue);

        Assert.IsType<StopDone>(await node.StopAsync(id));
    }

    [Fact]
    public async Task A_session_of_a_killed_node_goes_on_by_itself_as_the_next_attempt_and_ids_go_on()
    {
        SessionId stopped;
        SessionId id;
        await using (var node = await TestNode.StartAsync(_folder))
        {
            stopped = await node.RecordAsync();
            await node.StopAsync(stopped);
            id = await node.RecordAsync();
            await node.KillAsync();
        }

        var since = Stopwatch.GetTimestamp();
        await using var next = await TestNode.StartAsync(_folder);
        var summary = await next.SummaryAsync(
            id,
            "recording again",
            session => session is { Phase: SessionPhase.Recording, Attempt: 2 }
        );
        output.WriteLine(
            $"recording again {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} s after the start of the next node"
        );

        Assert.Equal(2, (await next.Media.HearAsync<BeginRecording>()).Attempt);
        summary = await next.SummaryAsync(id, "repaired", session => session.Records[0].Repaired);
        Assert.Equal([1, 2], summary.Records.Select(record => record.Attempt));
        Assert.Equal(FaultCode.NodeLost, Assert.Single(summary.Faults).Code);
        Assert.NotNull(Assert.Single(summary.Gaps).To);
        summary = await next.SummaryAsync(
            id,
            "with a manifest of what was repaired",
            session => session.Records[0].Sha256 is not null
        );
        Assert.Equal(
            "node_lost",
            Assert
                .Single(TestFolder.ManifestOf(summary.Records[0].Path).GetProperty("faults").EnumerateArray())
                .GetProperty("code")
                .GetString()
        );

        Assert.Equal([1, 2], (await next.ListAsync()).Select(session => session.Id.Value));
        Assert.Equal(SessionPhase.Stopped, (await next.SummaryAsync(stopped)).Phase);
        Assert.Equal(3, (await next.RecordAsync()).Value);
        Assert.IsType<StopDone>(await next.StopAsync(id));
    }

    [Fact]
    public async Task A_session_that_was_away_for_longer_than_the_resume_window_is_interrupted()
    {
        SessionId id;
        await using (var node = await TestNode.StartAsync(_folder))
        {
            id = await node.RecordAsync();
            await node.KillAsync();
        }

        await using var next = await TestNode.StartAsync(
            _folder,
            options => options.Sessions.ResumeWindow = TimeSpan.Zero
        );
        var summary = await next.SummaryAsync(id, "interrupted", session => session.Phase == SessionPhase.Interrupted);

        Assert.True(Assert.Single(summary.Records).Repaired);
        Assert.Equal(1, summary.Attempt);
        Assert.IsType<StopDone>(await next.StopAsync(id));
    }

    [Fact]
    public async Task A_session_that_was_stopped_right_after_its_node_was_killed_is_stopped()
    {
        SessionId id;
        await using (var node = await TestNode.StartAsync(_folder))
        {
            id = await node.RecordAsync();
            await node.KillAsync();
        }

        await using var next = await TestNode.StartAsync(_folder);
        Assert.IsType<StopDone>(await next.StopAsync(id));
        Assert.Equal(SessionPhase.Stopped, (await next.SummaryAsync(id)).Phase);
    }

    [Fact]
    public async Task A_shutdown_finalises_the_record_and_the_session_goes_on_after_the_restart()
    {
        SessionId id;
        string record;
        await using (var node = await TestNode.StartAsync(_folder, finishingTime: TimeSpan.FromMilliseconds(300)))
        {
            id = await node.RecordAsync();
            record = (await node.SummaryAsync(id)).Records[0].Path;
            output.WriteLine(
                $"shutdown with one session, whose record took 0.3 s to finish: {(await node.ShutDownAsync()).TotalSeconds:0.00} s"
            );
        }

        Assert.EndsWith("finished\n", await File.ReadAllTextAsync(record), StringComparison.Ordinal);

        await using var next = await TestNode.StartAsync(_folder);
        var summary = await next.SummaryAsync(
            id,
            "recording again",
            session => session is { Phase: SessionPhase.Recording, Attempt: 2 }
        );
        Assert.True(summary.Records[0].Finished);
        Assert.False(summary.Records[0].Repaired);
    }

    [Fact]
    public async Task An_idle_node_answers_soon_after_its_start_and_shuts_down_soon()
    {
        var since = Stopwatch.GetTimestamp();
        await using var node = await TestNode.StartAsync(_folder);
        output.WriteLine($"host started after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} s");
        Assert.Empty(await node.ListAsync());
        output.WriteLine($"placement answered after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} s");
        await node.AdmitAsync();
        output.WriteLine($"session admitted after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} s");

        var took = await node.ShutDownAsync();
        output.WriteLine($"shutdown took {took.TotalSeconds:0.00} s");
        Assert.True(took < TimeSpan.FromSeconds(5), $"An idle node took {took} to shut down.");
    }

    [Fact]
    public async Task The_journal_adds_little_to_a_start_and_a_stop()
    {
        await using var node = await TestNode.StartAsync(_folder);
        await node.StopAsync(await node.RecordAsync());
        List<double> starts = [];
        List<double> stops = [];
        for (var round = 0; round < 20; round++)
        {
            var since = Stopwatch.GetTimestamp();
            var id = await node.RecordAsync();
            starts.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            since = Stopwatch.GetTimestamp();
            await node.StopAsync(id);
            stops.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }

        starts.Sort();
        stops.Sort();
        output.WriteLine(
            $"start: median {starts[10]:0.0} ms, worst {starts[^1]:0.0} ms; stop: median {stops[10]:0.0} ms, worst {stops[^1]:0.0} ms"
        );

        // A wide limit: a busy machine is no failure, a lost wake-up or a timer in the way is.
        Assert.True(
            starts[10] < 500 && stops[10] < 500,
            $"Half of the starts took {starts[10]:0} ms, half of the stops {stops[10]:0} ms."
        );
    }

    [Fact]
    public async Task Thirty_sessions_start_and_stop_at_once()
    {
        await using var node = await TestNode.StartAsync(_folder, options => options.Placement.Sessions = 30);
        await node.StopAsync(await node.RecordAsync());

        var since = Stopwatch.GetTimestamp();
        var ids = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => node.RecordAsync()));
        output.WriteLine($"30 starts at once: {Stopwatch.GetElapsedTime(since).TotalMilliseconds:0} ms");
        Assert.Equal(Enumerable.Range(2, 30), ids.Select(id => id.Value).Order());

        since = Stopwatch.GetTimestamp();
        Assert.All(await Task.WhenAll(ids.Select(node.StopAsync)), reply => Assert.IsType<StopDone>(reply));
        output.WriteLine($"30 stops at once: {Stopwatch.GetElapsedTime(since).TotalMilliseconds:0} ms");
        Assert.All(await node.ListAsync(), session => Assert.Equal(SessionPhase.Stopped, session.Phase));
    }

    [Fact]
    public async Task The_same_idempotency_key_answers_the_same_session_after_a_restart()
    {
        SessionAdmitted admitted;
        await using (var node = await TestNode.StartAsync(_folder))
        {
            admitted = await node.AdmitAsync("key");
            await node.KillAsync();
        }

        await using var next = await TestNode.StartAsync(_folder);
        Assert.Equal(admitted.Id, (await next.AdmitAsync("key")).Id);
    }

    [Fact]
    public async Task The_database_is_in_wal_mode()
    {
        await using var node = await TestNode.StartAsync(_folder);
        await node.RecordAsync();
        await using var connection = new SqliteConnection($"Data Source={_folder.Database}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";

        Assert.Equal("wal", await command.ExecuteScalarAsync());
    }
}
