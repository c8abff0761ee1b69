using System.Collections.Immutable;
using Recorder.Worker.Network;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Worker.Loop;

/// <summary>The stream targets of a page: when they begin, change and end, and what is reported about them.</summary>
internal sealed partial class PageSource
{
    private static readonly TimeSpan StreamEndLimit = TimeSpan.FromSeconds(3);

    private StreamTargets? _streams;
    private ImmutableList<WorkerTarget>? _latestTargets;
    private bool _resumes;
    private bool _streamBegan;

    private void StartStreams(PageRecording begun)
    {
        StreamSettings forAll = new(_settings.ListenAddress ?? "127.0.0.1", _settings.Authorities)
        {
            Policy = _settings.Network is { } rules ? NetworkPolicy.Read(rules, []) : null,
        };
        _streams = new StreamTargets(
            begun.FanOut,
            new KeyFrameRequests(begun.ForceKeyFrame, Port.Time),
            id => Port.Post(new WorkerInput.TargetChanged(id)),
            forAll,
            Port.Time
        );
        _streams.Set(_latestTargets ?? _settings.Targets);
        TellStreams();
    }

    private void ChangeTargets(ImmutableList<WorkerTarget> targets)
    {
        _latestTargets = targets;
        _streams?.Set(targets);
        TellStreams();
    }

    private void TellStreams()
    {
        foreach (var summary in _streams?.Summaries ?? [])
        {
            Port.Tell(new WorkerEvent.OutputChanged(summary));
        }
    }

    private RecordFault? OnTargetChanged(string id)
    {
        if (_streams?.Find(id) is not { } summary)
        {
            return null;
        }

        Port.Tell(new WorkerEvent.OutputChanged(summary));
        return _settings.Path is null && !_streamBegan ? OnAnswer() : null;
    }

    private void TellStreamBegan()
    {
        _streamBegan = true;
        Port.Tell(new WorkerEvent.FirstFrame(_begunAt!.Value, null));
    }

    // A session that only streams begins when a server has taken the stream, and fails to begin when every server has
    // refused the stream. A resumed session is not ended by an absent server: the page stays, and the target is
    // retried.
    private RecordFault? OnAnswer()
    {
        var all = _streams!.Summaries;
        if (all.Any(target => target.State == WorkerOutputState.Active))
        {
            TellStreamBegan();
            return null;
        }

        return
            !_resumes
            && all is [var first, ..]
            && all.All(target => target.State is WorkerOutputState.Retrying or WorkerOutputState.Failed)
            ? new RecordFault(
                WorkerFailure.StreamFailed,
                $"The stream target {first.Target} of session {_settings.Session} did not take the stream: {first.Reason}"
            )
            : null;
    }

    private async Task CloseStreamsAsync()
    {
        if (_streams is null)
        {
            return;
        }

        foreach (var summary in await _streams.CloseAsync(StreamEndLimit))
        {
            Port.Tell(new WorkerEvent.OutputChanged(summary));
        }
    }
}
