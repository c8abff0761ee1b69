using System.Collections.Immutable;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams.Targets;

/// <summary>The stream targets of a running worker. Only the worker's loop uses them.</summary>
internal sealed class StreamTargets
{
    private readonly EncodedFanOut _fanOut;
    private readonly KeyFrameRequests _keyFrames;
    private readonly Action<string> _changed;
    private readonly TimeProvider _time;
    private readonly StreamSettings _settings;
    private readonly List<IDisposable> _preparations;
    private readonly Dictionary<string, StreamTarget> _running = [];
    private readonly Dictionary<string, StreamTarget> _leaving = [];

    /// <summary>Begins without a target.</summary>
    /// <param name="fanOut">Gives the frames.</param>
    /// <param name="keyFrames">Takes the requests for key frames.</param>
    /// <param name="changed">Called on the targets' threads with the id of a target whose state has changed.</param>
    /// <param name="settings">The settings for all targets.</param>
    /// <param name="time">The clock.</param>
    public StreamTargets(
        EncodedFanOut fanOut,
        KeyFrameRequests keyFrames,
        Action<string> changed,
        StreamSettings settings,
        TimeProvider time
    )
    {
        _preparations = [.. StreamKinds.All.Select(kind => kind.Prepare(settings)).OfType<IDisposable>()];
        this._settings = settings;
        this._fanOut = fanOut;
        this._keyFrames = keyFrames;
        this._changed = changed;
        this._time = time;
    }

    /// <summary>The state of each current target.</summary>
    public IReadOnlyList<WorkerOutput> Summaries => [.. _running.Values.Select(target => target.Summary)];

    /// <summary>Makes these the current targets: starts the new targets, and ends the targets that are
    /// missing.</summary>
    public void Set(ImmutableList<WorkerTarget> targets)
    {
        HashSet<string> wanted = [.. targets.Select(output => output.Id)];
        foreach (var id in _running.Keys.Where(id => !wanted.Contains(id)).ToList())
        {
            Leave(id);
        }

        foreach (var output in targets.Where(output => !_running.ContainsKey(output.Id)))
        {
            StreamTarget target = new(
                output,
                StreamKinds.Of(output.Address),
                _settings,
                _keyFrames,
                () => _changed(output.Id),
                _time
            );
            _running.Add(output.Id, target);
            _fanOut.Add(target);
            target.Start();
        }
    }

    /// <summary>The state of a current or removed target; null when there is none.</summary>
    public WorkerOutput? Find(string id)
    {
        if (_running.TryGetValue(id, out var target))
        {
            return target.Summary;
        }

        var left = _leaving.GetValueOrDefault(id)?.Summary;
        if (left?.State is WorkerOutputState.Finished or WorkerOutputState.Failed)
        {
            _leaving.Remove(id);
        }

        return left;
    }

    /// <summary>
    /// Ends every stream, with the last frames if the servers take the frames in time. The preparations for the
    /// connections are disposed of after the last connection has closed. Before that, the connections' threads may be
    /// about to use the preparations.
    /// </summary>
    /// <returns>The state of each target at the end.</returns>
    public async Task<IReadOnlyList<WorkerOutput>> CloseAsync(TimeSpan limit)
    {
        _keyFrames.Stop();
        foreach (var id in _running.Keys.ToList())
        {
            Leave(id);
        }

        List<StreamTarget> all = [.. _leaving.Values];
        try
        {
            await LetGoAfterAsync(all).WaitAsync(limit, _time);
        }
        catch (TimeoutException)
        {
            // The remaining connections end with this process.
        }

        _leaving.Clear();
        return [.. all.Select(target => target.Summary)];
    }

    private async Task LetGoAfterAsync(List<StreamTarget> last)
    {
        await Task.WhenAll(last.Select(target => target.Closed));
        _preparations.ForEach(preparation => preparation.Dispose());
    }

    private void Leave(string id)
    {
        var target = _running[id];
        _running.Remove(id);
        _leaving[id] = target;
        _fanOut.Remove(target);
        target.Close();
    }
}
