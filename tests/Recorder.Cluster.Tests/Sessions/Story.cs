using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions;

/// <summary>A session's life as far as it has been told: each step decides and applies, as the actor does, without
/// one.</summary>
internal sealed record Story(SessionState State, ImmutableList<ISessionEvent> Last)
{
    public static Story New => new(new SessionState(Sample.Id), []);

    /// <summary>A session that waits for its first frame.</summary>
    public static Story Starting => New.Then(state => SessionDecisions.Start(state, Sample.Spec, Sample.At(0)));

    /// <summary>A session whose first frame came 2 s after the start and whose record was last seen growing at 10
    /// s.</summary>
    public static Story Recording =>
        Starting
            .Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2)))
            .Hears(10, new RecordGrew(Sample.FirstRecord, Sample.Time(10), 200, 1, 6_000_000, TimeSpan.FromSeconds(8)));

    /// <summary>A session whose media set failed at 12 s and that has not tried again yet.</summary>
    public static Story WithoutMedia =>
        Recording.Hears(12, new MediaFailed(FaultCode.DisplayFailed, "The display server died."));

    /// <summary>A session whose worker died at 12 s and whose second record is named and not yet opened.</summary>
    public static Story OnTheWayToTheNextRecord =>
        Recording
            .Hears(12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "The worker was killed."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(12)));

    /// <summary>A session that was asked to stop at 1 s, before its first frame.</summary>
    public static Story StoppedAtStart =>
        Starting.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(1)));

    /// <summary>A session that was asked to stop at 20 s and whose record is being finalised.</summary>
    public static Story Stopping => Recording.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)));

    /// <summary>A session that was stopped at 20 s and ended at 21 s.</summary>
    public static Story Stopped =>
        Stopping
            .Hears(21, new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(18), 12_000_000, Repaired: false))
            .Ends(21);

    public string CurrentPath => State.Current ?? throw new InvalidOperationException("No record is being written.");

    public Story Then(Func<SessionState, ImmutableList<ISessionEvent>> decide)
    {
        var decided = decide(State);
        return new Story(decided.Aggregate(State, (state, happened) => state.Apply(happened)), decided);
    }

    public Story Hears(double at, IMediaEvent heard) =>
        Then(state => SessionDecisions.Hear(state, heard, Sample.At(at)));

    public Story Ends(double at) => Then(state => SessionDecisions.EndWhenDone(state, Sample.At(at)));

    /// <summary>The names of the events of the last step, in order.</summary>
    public IEnumerable<string> Events => Last.Select(happened => happened.GetType().Name);
}
