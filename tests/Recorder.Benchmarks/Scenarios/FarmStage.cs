using Recorder.Benchmarks.Measuring;
using Recorder.Harness.Nodes;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>The farm that scenarios play on: three nodes with a PostgreSQL, and a page that shows the time of
/// day.</summary>
internal sealed class FarmStage : IAsyncDisposable
{
    private const int Pictures = 5;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(8);

    private readonly RecorderFarm _farm;
    private readonly ReferencePageServer _pages;
    private readonly List<RecorderNode> _byAge;

    private FarmStage(RecorderFarm farm, ReferencePageServer pages) =>
        (this._farm, this._pages, _byAge) = (farm, pages, [.. farm.Nodes]);

    /// <summary>The nodes, the oldest first.</summary>
    public IReadOnlyList<RecorderNode> ByAge => _byAge;

    /// <summary>Starts the farm.</summary>
    public static async Task<FarmStage> StartAsync(CancellationToken cancellationToken)
    {
        var pages = await ReferencePageServer.StartAsync(cancellationToken: cancellationToken);
        var farm = await RecorderFarm.PrepareAsync(["recorder, edge", "recorder, edge", "recorder, edge"], sessions: 4);
        var stage = new FarmStage(farm, pages);
        try
        {
            await farm.StartAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>The memory of the nodes' processes, after their rehearsals have ended.</summary>
    public async Task<IReadOnlyList<IdleMemory>> IdleMemoryAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Settle, cancellationToken);
        return [.. _byAge.Select(node => IdleMemory.Of(node.ProcessId!.Value))];
    }

    /// <summary>Starts sessions until every node has one.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        var edge = _byAge[0];
        for (var tries = 0; tries < 2 * _byAge.Count; tries++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var busy = (await RunningAsync(edge)).Select(session => session.Node).ToHashSet();
            if (_byAge.TrueForAll(node => busy.Contains(node.Name)))
            {
                return;
            }
            await edge.Api.StartAsync(
                new StartRequest(_pages.Clock(Pictures))
                {
                    Width = 320,
                    Height = 180,
                    Framerate = 15,
                    Bitrate = 400,
                }
            );
        }

        throw new InvalidOperationException("A node was given no session in six starts.");
    }

    /// <summary>What a node records.</summary>
    public async Task<IReadOnlyList<SessionDetails>> SessionsOfAsync(RecorderNode node) =>
        [.. (await RunningAsync(_byAge[0])).Where(session => session.Node == node.Name)];

    /// <summary>Starts a node again that has ended, takes away what the others were given for it, and gives it a
    /// session.</summary>
    public async Task RestartAsync(RecorderNode node, CancellationToken cancellationToken)
    {
        try
        {
            await node.StartAsync();
            await _farm.SeeAllAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The folders go with the farm, and the logs with them.
            throw new InvalidOperationException($"{error.Message}\n{_farm.LogTails()}", error);
        }

        _byAge.Remove(node);
        _byAge.Add(node);
        foreach (var one in (await RunningAsync(_byAge[0])).GroupBy(session => session.Node))
        {
            foreach (var more in one.Skip(1))
            {
                await _byAge[0].Api.StopAsync(more.Id);
            }
        }

        await FillAsync(cancellationToken);
    }

    /// <summary>What a record of the page shows.</summary>
    public static async Task<ClockTrack> ReadAsync(RecordDetails record, CancellationToken cancellationToken) =>
        ClockTrack.Of(
            await new MediaAnalysis(record.Path).FrameNumbersAsync(cancellationToken: cancellationToken),
            Pictures,
            record.OpenedAt!.Value
        );

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _farm.DisposeAsync();
        await _pages.DisposeAsync();
    }

    private static async Task<IReadOnlyList<SessionDetails>> RunningAsync(RecorderNode edge)
    {
        var sessions = new List<SessionDetails>();
        foreach (var entry in (await edge.Api.StatusAsync()).Where(entry => entry.Running))
        {
            sessions.Add(await edge.Api.SessionAsync(entry.Id));
        }
        return sessions;
    }
}
