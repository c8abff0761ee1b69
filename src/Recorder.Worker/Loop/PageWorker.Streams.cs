using System.Collections.Immutable;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Worker.Loop;

/// <summary>The worker's stream targets: when they begin, change and end, and what is said about them.</summary>
internal sealed partial class PageWorker
{
    private static readonly TimeSpan StreamEndLimit = TimeSpan.FromSeconds(3);

    private StreamTargets? streams;
    private ImmutableList<WorkerTarget>? latestTargets;
    private bool resumes;
    private bool streamBegan;

    private void StartStreams(Recording begun)
    {
        streams = new StreamTargets(begun.FanOut, new KeyFrameRequests(begun.ForceKeyFrame, time), id => Post(new WorkerInput.TargetChanged(id)), time);
        streams.Set(latestTargets ?? begun.Settings.Targets);
        TellStreams();
    }

    private int? SetTargets(ImmutableList<WorkerTarget> targets)
    {
        if (recording is null)
        {
            return Refuse("The worker has nothing to stream before prepare.");
        }

        latestTargets = targets;
        streams?.Set(targets);
        TellStreams();
        return null;
    }

    private void TellStreams()
    {
        foreach (WorkerOutput summary in streams?.Summaries ?? [])
        {
            tell(new WorkerEvent.OutputChanged(summary));
        }
    }

    private async Task<int?> OnTargetChangedAsync(string id)
    {
        if (streams?.Find(id) is not { } summary)
        {
            return null;
        }

        tell(new WorkerEvent.OutputChanged(summary));
        return recording!.Settings.Path is null && !streamBegan ? await OnAnswerAsync().ConfigureAwait(false) : null;
    }

    private int? TellStreamBegan()
    {
        streamBegan = true;
        tell(new WorkerEvent.FirstFrame(begunAt!.Value, null));
        return null;
    }

    // A session that only streams has begun when a server has taken the stream, and cannot begin when each has refused it. One that has streamed before is not
    // ended by a server that is away: its page stays, and the target is retried.
    private async Task<int?> OnAnswerAsync()
    {
        IReadOnlyList<WorkerOutput> all = streams!.Summaries;
        if (all.Any(target => target.State == WorkerOutputState.Active))
        {
            return TellStreamBegan();
        }

        return !resumes && all is [var first, ..] && all.All(target => target.State is WorkerOutputState.Retrying or WorkerOutputState.Failed)
            ? await FailAsync(
                WorkerFailure.StreamFailed,
                $"The stream target {first.Target} of session {recording!.Settings.Session} did not take the stream: {first.Reason}").ConfigureAwait(false)
            : null;
    }

    private async Task CloseStreamsAsync()
    {
        if (streams is null)
        {
            return;
        }

        foreach (WorkerOutput summary in await streams.CloseAsync(StreamEndLimit).ConfigureAwait(false))
        {
            tell(new WorkerEvent.OutputChanged(summary));
        }
    }
}
