using System.Collections.Immutable;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Worker.Loop;

/// <summary>The stream targets of a page: when they begin, change and end, and what is said about them.</summary>
internal sealed partial class PageSource
{
    private static readonly TimeSpan StreamEndLimit = TimeSpan.FromSeconds(3);

    private StreamTargets? streams;
    private ImmutableList<WorkerTarget>? latestTargets;
    private bool resumes;
    private bool streamBegan;

    private void StartStreams(PageRecording begun)
    {
        StreamSettings forAll = new(settings.ListenAddress ?? "127.0.0.1", settings.Authorities);
        streams = new StreamTargets(begun.FanOut, new KeyFrameRequests(begun.ForceKeyFrame, Port.Time), id => Port.Post(new WorkerInput.TargetChanged(id)), forAll, Port.Time);
        streams.Set(latestTargets ?? settings.Targets);
        TellStreams();
    }

    private void ChangeTargets(ImmutableList<WorkerTarget> targets)
    {
        latestTargets = targets;
        streams?.Set(targets);
        TellStreams();
    }

    private void TellStreams()
    {
        foreach (WorkerOutput summary in streams?.Summaries ?? [])
        {
            Port.Tell(new WorkerEvent.OutputChanged(summary));
        }
    }

    private RecordFault? OnTargetChanged(string id)
    {
        if (streams?.Find(id) is not { } summary)
        {
            return null;
        }

        Port.Tell(new WorkerEvent.OutputChanged(summary));
        return settings.Path is null && !streamBegan ? OnAnswer() : null;
    }

    private void TellStreamBegan()
    {
        streamBegan = true;
        Port.Tell(new WorkerEvent.FirstFrame(begunAt!.Value, null));
    }

    // A session that only streams has begun when a server has taken the stream, and cannot begin when each has refused it. One that has streamed before is not
    // ended by a server that is away: its page stays, and the target is retried.
    private RecordFault? OnAnswer()
    {
        IReadOnlyList<WorkerOutput> all = streams!.Summaries;
        if (all.Any(target => target.State == WorkerOutputState.Active))
        {
            TellStreamBegan();
            return null;
        }

        return !resumes && all is [var first, ..] && all.All(target => target.State is WorkerOutputState.Retrying or WorkerOutputState.Failed)
            ? new RecordFault(
                WorkerFailure.StreamFailed, $"The stream target {first.Target} of session {settings.Session} did not take the stream: {first.Reason}")
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
            Port.Tell(new WorkerEvent.OutputChanged(summary));
        }
    }
}
