using CsCheck;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>Whatever a session hears, in whatever order: what is always true of it.</summary>
public sealed class SessionInvariantsTests
{
    private static readonly string[] Codes = [FaultCode.PipelineFailed, FaultCode.PageFailed, FaultCode.DiskFull];

    /// <summary>What may happen next, in a state: the media side names records it was told of, current or old, or none
    /// of them.</summary>
    private static readonly Gen<Func<Story, Story>> Happening =
        from at in Gen.Int[0, 900]
        from lag in Gen.Int[0, 5]
        from which in Gen.Int[0, 3]
        from code in Gen.Int[0, 2].Select(index => Codes[index])
        from kind in Gen.Int[0, 16]
        select new Func<Story, Story>(story =>
        {
            var now = Sample.At(at);
            var then = Sample.Time(at - lag);
            var path = which == 0 ? story.State.Current ?? "/records/none.mp4" : Any(story.State, which);
            return kind switch
            {
                0 => story.Then(state => SessionDecisions.Start(state, Sample.Spec, now)),
                1 or 2 => story.Hears(at, new FirstFrameWritten(path, then)),
                3 => story.Hears(at, new RecordGrew(path, then, 1, 0, 1, TimeSpan.Zero)),
                4 => story.Hears(
                    at,
                    new RecordFinished(path, TimeSpan.FromSeconds(1), 1, Repaired: path != story.State.Current)
                ),
                5 => story.Hears(at, new RecordUnrecoverable(path, "Nothing in it.")),
                6 => story
                    .Hears(at, new WorkerLost(path, code, "It died."))
                    .Then(state => SessionDecisions.ResumeMedia(state, now)),
                7 => story.Hears(at, new BrowserLost(then, "It crashed.")),
                8 => story.Hears(at, new BrowserRestored(then)),
                9 => story.Hears(at, new MediaFailed(code, "It failed.")),
                10 => story.Then(state => SessionDecisions.Retry(state, Sample.ResumeWindow, now)),
                11 => story.Then(state => SessionDecisions.Resume(state, Sample.Spec, Sample.ResumeWindow, now)),
                12 => story.Then(state => SessionDecisions.Stop(state, alive: which < 2, now)),
                13 => story.Then(state => SessionDecisions.StartLimitPassed(state, TimeSpan.FromSeconds(30), now)),
                14 => story.Then(state => SessionDecisions.LeaveNode(state, alive: which < 2, now)),
                15 => story.Then(state => SessionDecisions.UndoLimitPassed(state, now)),
                _ => story.Then(state => SessionDecisions.GiveUpRepairs(state, [path], now)),
            };
        });

    [Fact]
    public void Whatever_happens_a_session_keeps_its_promises() =>
        Happening
            .Array[1, 40]
            .Sample(
                happenings =>
                {
                    var story = Story.New;
                    foreach (var happening in happenings)
                    {
                        var before = story.State;
                        var after = happening(story);
                        story = after.Ends(900);
                        Check(before, story.State);
                    }
                },
                iter: 20_000,
                threads: 2
            );

    private static void Check(SessionState before, SessionState state)
    {
        Assert.True(
            state.Records.Count(record => record.Open && record.Path == state.Current) <= 1,
            "Two records are current."
        );
        if (state.Current is { } current)
        {
            Assert.True(
                state.Records.Exists(record => record.Path == current && record.Open),
                "The current record is not open."
            );
        }

        if (state.Ended)
        {
            Assert.DoesNotContain(state.Records, record => record.Open);
            Assert.Null(state.Current);
            Assert.DoesNotContain(state.Gaps, gap => gap.To is null);
            Assert.NotNull(state.Outcome);
            Assert.Equal(state.Outcome.Phase, state.Phase);
        }

        Assert.All(
            state.Records,
            record =>
                Assert.True(
                    new[] { record.Closed, record.Lost, record.Open }.Count(holds => holds) == 1,
                    $"{record} is neither or both."
                )
        );
        Assert.Equal(state.Records.Count, state.Records.DistinctBy(record => record.Path).Count());

        Assert.All(state.Gaps.SkipLast(1), gap => Assert.NotNull(gap.To));
        Assert.All(
            state.Gaps,
            gap => Assert.True(gap.To is null || gap.From <= gap.To, $"{gap} ends before it begins.")
        );
        Assert.All(
            state.Gaps.Zip(state.Gaps.Skip(1)),
            pair => Assert.True(pair.Item1.To <= pair.Item2.From, $"{pair} overlap.")
        );
        if (state.Phase == SessionPhase.Resuming)
        {
            Assert.Null(state.Gaps[^1].To);
        }
        if (state.Outcome is not null)
        {
            Assert.True(state.Phase >= SessionPhase.Stopping, $"The end is decided and the phase is {state.Phase}.");
        }

        Assert.True(
            state.Phase >= before.Phase
                || before is { Phase: SessionPhase.Resuming } && state.Phase == SessionPhase.Recording,
            $"A session went back from {before.Phase} to {state.Phase}."
        );
        Assert.True(state.Attempt >= before.Attempt, "An attempt was taken back.");
        Assert.True(
            before.LastEvidence is null || state.LastEvidence >= before.LastEvidence,
            "Evidence was taken back."
        );
        if (state.Spec is not null)
        {
            Assert.NotNull(state.Summarise());
        }
    }

    private static string Any(SessionState state, int which) =>
        state.Records.IsEmpty ? "/records/none.mp4" : state.Records[which % state.Records.Count].Path;
}
