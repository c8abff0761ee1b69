using Recorder.Benchmarks.Measuring;
using Recorder.Harness.Nodes;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>The farm that scenarios play on: three nodes with a PostgreSQL, and a page that shows the time of day.</summary>
internal sealed class FarmStage : IAsyncDisposable
{
    private const int Pictures = 5;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(8);

    private readonly RecorderFarm farm;
    private readonly ReferencePageServer pages;
    private readonly List<RecorderNode> byAge;

    private FarmStage(RecorderFarm farm, ReferencePageServer pages) => (this.farm, this.pages, byAge) = (farm, pages, [.. farm.Nodes]);

    /// <summary>The nodes, the oldest first.</summary>
    public IReadOnlyList<RecorderNode> ByAge => byAge;

    /// <summary>Starts it.</summary>
    public static async Task<FarmStage> StartAsync(CancellationToken cancellationToken)
    {
        var pages = await ReferencePageServer.StartAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var farm = await RecorderFarm.PrepareAsync(["recorder, edge", "recorder, edge", "recorder, edge"], sessions: 4).ConfigureAwait(false);
        var stage = new FarmStage(farm, pages);
        try
        {
            await farm.StartAsync().ConfigureAwait(false);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The memory of the nodes' processes, after their rehearsals have ended.</summary>
    public async Task<IReadOnlyList<IdleMemory>> IdleMemoryAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Settle, cancellationToken).ConfigureAwait(false);
        return [.. byAge.Select(node => IdleMemory.Of(node.ProcessId!.Value))];
    }

    /// <summary>Starts sessions until every node has one.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        var edge = byAge[0];
        for (var tries = 0; tries < 2 * byAge.Count; tries++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var busy = (await RunningAsync(edge).ConfigureAwait(false)).Select(session => session.Node).ToHashSet();
            if (byAge.TrueForAll(node => busy.Contains(node.Name)))
                return;
            await edge.Api.StartAsync(new StartRequest(pages.Clock(Pictures)) { Width = 320, Height = 180, Framerate = 15, Bitrate = 400 }).ConfigureAwait(false);
        }

        throw new InvalidOperationException("A node was given no session in six starts.");
    }

    /// <summary>What a node records.</summary>
    public async Task<IReadOnlyList<SessionDetails>> SessionsOfAsync(RecorderNode node) =>
        [.. (await RunningAsync(byAge[0]).ConfigureAwait(false)).Where(session => session.Node == node.Name)];

    /// <summary>Starts a node again that has ended, takes away what the others were given for it, and gives it a session.</summary>
    public async Task RestartAsync(RecorderNode node, CancellationToken cancellationToken)
    {
        try
        {
            await node.StartAsync().ConfigureAwait(false);
            await farm.SeeAllAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The folders go with the farm, and the logs with them.
            throw new InvalidOperationException($"{error.Message}\n{farm.LogTails()}", error);
        }

        byAge.Remove(node);
        byAge.Add(node);
        foreach (var one in (await RunningAsync(byAge[0]).ConfigureAwait(false)).GroupBy(session => session.Node))
        {
            foreach (var more in one.Skip(1))
                await byAge[0].Api.StopAsync(more.Id).ConfigureAwait(false);
        }

        await FillAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a record of the page shows.</summary>
    public static async Task<ClockTrack> ReadAsync(RecordDetails record, CancellationToken cancellationToken) => ClockTrack.Of(
        await new MediaAnalysis(record.Path).FrameNumbersAsync(cancellationToken: cancellationToken).ConfigureAwait(false), Pictures, record.OpenedAt!.Value);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await farm.DisposeAsync().ConfigureAwait(false);
        await pages.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<SessionDetails>> RunningAsync(RecorderNode edge)
    {
        var sessions = new List<SessionDetails>();
        foreach (var entry in (await edge.Api.StatusAsync().ConfigureAwait(false)).Where(entry => entry.Running))
            sessions.Add(await edge.Api.SessionAsync(entry.Id).ConfigureAwait(false));
        return sessions;
    }
}
