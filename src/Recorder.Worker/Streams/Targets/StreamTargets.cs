using System.Collections.Immutable;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams.Targets;

/// <summary>The stream targets of a running worker. Used by the worker's loop alone.</summary>
internal sealed class StreamTargets
{
    private readonly EncodedFanOut fanOut;
    private readonly KeyFrameRequests keyFrames;
    private readonly Action<string> changed;
    private readonly TimeProvider time;
    private readonly StreamSettings settings;
    private readonly List<IDisposable> preparations;
    private readonly Dictionary<string, StreamTarget> running = [];
    private readonly Dictionary<string, StreamTarget> leaving = [];

    /// <summary>None yet.</summary>
    /// <param name="fanOut">Where frames come from.</param>
    /// <param name="keyFrames">Where to ask for key frames.</param>
    /// <param name="changed">Called on the targets' threads with the id of one whose state has changed.</param>
    /// <param name="settings">What holds for all targets.</param>
    /// <param name="time">The clock.</param>
    public StreamTargets(EncodedFanOut fanOut, KeyFrameRequests keyFrames, Action<string> changed, StreamSettings settings, TimeProvider time)
    {
        preparations = [.. StreamKinds.All.Select(kind => kind.Prepare(settings)).OfType<IDisposable>()];
        this.settings = settings;
        this.fanOut = fanOut;
        this.keyFrames = keyFrames;
        this.changed = changed;
        this.time = time;
    }

    /// <summary>How those stand that are streamed to.</summary>
    public IReadOnlyList<WorkerOutput> Summaries => [.. running.Values.Select(target => target.Summary)];

    /// <summary>Streams to these from now on.</summary>
    public void Set(ImmutableList<WorkerTarget> targets)
    {
        HashSet<string> wanted = [.. targets.Select(output => output.Id)];
        foreach (string id in running.Keys.Where(id => !wanted.Contains(id)).ToList())
        {
            Leave(id);
        }

        foreach (WorkerTarget output in targets.Where(output => !running.ContainsKey(output.Id)))
        {
            StreamTarget target = new(output, StreamKinds.Of(output.Address), settings, keyFrames, () => changed(output.Id), time);
            running.Add(output.Id, target);
            fanOut.Add(target);
            target.Start();
        }
    }

    /// <summary>How one stands that is streamed to or was; null when there is none.</summary>
    public WorkerOutput? Find(string id)
    {
        if (running.TryGetValue(id, out StreamTarget? target))
        {
            return target.Summary;
        }

        WorkerOutput? left = leaving.GetValueOrDefault(id)?.Summary;
        if (left?.State is WorkerOutputState.Finished or WorkerOutputState.Failed)
        {
            leaving.Remove(id);
        }

        return left;
    }

    /// <summary>
    /// Ends every stream, with the last frames if the servers take them in time. What was prepared for the connections goes with the last of them, and not
    /// before: their threads may be about to use it.
    /// </summary>
    /// <returns>How each stood at the end.</returns>
    public async Task<IReadOnlyList<WorkerOutput>> CloseAsync(TimeSpan limit)
    {
        keyFrames.Stop();
        foreach (string id in running.Keys.ToList())
        {
            Leave(id);
        }

        List<StreamTarget> all = [.. leaving.Values];
        try
        {
            await LetGoAfterAsync(all).WaitAsync(limit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Their connections end with this process.
        }

        leaving.Clear();
        return [.. all.Select(target => target.Summary)];
    }

    private async Task LetGoAfterAsync(List<StreamTarget> last)
    {
        await Task.WhenAll(last.Select(target => target.Closed)).ConfigureAwait(false);
        preparations.ForEach(preparation => preparation.Dispose());
    }

    private void Leave(string id)
    {
        StreamTarget target = running[id];
        running.Remove(id);
        leaving[id] = target;
        fanOut.Remove(target);
        target.Close();
    }
}
