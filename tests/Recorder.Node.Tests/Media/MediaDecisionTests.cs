using System.Collections.Immutable;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media;
using Recorder.Node.Media.Life;
using Recorder.Node.Parts;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Tests.Media;

/// <summary>What happens next in a media set, step by step.</summary>
public sealed class MediaDecisionTests
{
    private const string Path = "/records/one.mp4";
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly PageSessionSpec Spec = new(new Uri("https://example.org/"));
    private static readonly DisplayReady Display = new(":7", 42, "/run/a");
    private static readonly SoundReady Sound = new("unix:/run/s");
    private static readonly ImmutableList<StreamOutput> Targets =
    [
        new("target-1", new StreamTarget("rtmp://host/app/key")),
    ];
    private static readonly ImmutableList<WorkerTarget> WorkerTargets =
    [
        new("target-1", "rtmp://host/app/key", "rtmp://host/app/…"),
    ];
    private static readonly WorkerOutput Told = new(
        "target-1",
        "rtmp",
        "rtmp://host/app/…",
        WorkerOutputState.Active,
        At,
        null,
        1,
        0,
        9,
        0
    );
    private static readonly OutputSummary Output = new(
        "target-1",
        OutputKind.Rtmp,
        "rtmp://host/app/…",
        OutputState.Active,
        At,
        null,
        1,
        0,
        9,
        0
    );
    private static readonly WorkerEvent.Finished Finished = new(Path, 2.5, 1000, 60, WorkerFinishReason.Finish);
    private static readonly RecordFinished Closed = new(Path, TimeSpan.FromSeconds(2.5), 1000, Repaired: false);

    [Fact]
    public void A_start_brings_everything_up_side_by_side()
    {
        var set = new Set();
        Assert.Equal(
            ["StartDisplay", "StartSound", "StartWorker", "CheckFolder"],
            set.Take(new BeginRecording(1, Spec, Path))
        );
    }

    [Theory]
    [InlineData("display sound folder ready page")]
    [InlineData("sound display page folder ready")]
    [InlineData("folder display sound page ready")]
    [InlineData("folder sound display ready page")]
    public void The_browser_waits_for_display_and_sound_the_worker_for_the_folder_too_and_the_record_for_both(
        string order
    )
    {
        var set = new Set();
        set.Take(new BeginRecording(1, Spec, Path));
        var seen = new List<string>();
        var all = new List<string>();
        foreach (var word in order.Split(' '))
        {
            var effects = set.Take(Input(word));
            seen.Add(word);
            all.AddRange(effects);
            Assert.Equal(seen.Contains("display") && seen.Contains("sound"), all.Contains("StartBrowser"));
            Assert.Equal(
                seen.Contains("display") && seen.Contains("sound") && seen.Contains("folder"),
                all.Contains("Prepare")
            );
            Assert.Equal(seen.Contains("ready") && seen.Contains("page"), all.Contains("Begin"));
        }

        Assert.Equal(["Begin", "Prepare", "StartBrowser"], all.Order());
        Assert.Equal(["FirstFrameWritten"], set.Take(Said(new WorkerEvent.FirstFrame(At, Path))));
        Assert.Equal(MediaPhase.Recording, set.State.Life.Phase);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(30)]
    public void The_worker_is_told_the_whole_spec(int? asked)
    {
        var set = new Set();
        var video = new VideoSettings
        {
            Width = 640,
            Height = 360,
            Framerate = 15,
            Bitrate = 900,
            Preset = EncoderPreset.Veryfast,
            Profile = EncoderProfile.High,
            KeyframeInterval = 30,
            KeyframeIntervalAsked = asked is not null,
        };
        set.Take(
            new BeginRecording(
                1,
                Spec with
                {
                    Video = video,
                    Audio = new AudioSettings { Bitrate = 96 },
                    Container = RecordContainer.Mkv,
                },
                Path
            )
        );
        foreach (var word in "display sound folder".Split(' '))
        {
            set.Take(Input(word));
        }
        var picture = new PictureSettings
        {
            Width = 640,
            Height = 360,
            Framerate = 15,
            Bitrate = 900,
            Preset = "veryfast",
            Profile = "high",
            KeyframeInterval = 30,
            LiveKeyFrames = asked is null,
        };
        Assert.Equal(
            new WorkerCommand.Prepare(
                3,
                ":7",
                42,
                "unix:/run/s",
                picture,
                new SoundSettings { Bitrate = 96 },
                FileContainer.Mkv,
                Path,
                77,
                Hls: false,
                []
            )
            {
                Authorities = "/etc/authorities.pem",
            },
            set.Commands.Single()
        );
    }

    [Fact]
    public void A_finished_record_is_told_when_everything_has_ended()
    {
        var set = Recording();
        Assert.Equal(["Finish"], set.Take(new FinishRecording()));
        Assert.Equal(["LeavePage"], set.Take(Said(Finished)));
        Assert.Equal(["EndEverything"], set.Take(new WorkerGone("exited with code 0")));
        Assert.Equal(["RecordFinished"], set.Take(new EverythingEnded()));
        Assert.Equal(Closed, set.Reports[^1]);
        Assert.Equal(MediaPhase.Ended, set.State.Life.Phase);
    }

    [Fact]
    public void A_worker_that_dies_while_it_finalises_has_its_record_repaired_before_the_answer()
    {
        var set = Recording();
        set.Take(new FinishRecording());
        Assert.Equal(["EndEverything"], set.Take(new WorkerGone("The worker was ended by signal 9.")));
        Assert.Equal(["RepairLast"], set.Take(new EverythingEnded()));
        var repaired = Closed with { Repaired = true };
        Assert.Equal(["RecordFinished"], set.Take(new LastRecordRepaired(repaired)));
        Assert.Equal(repaired, set.Reports[^1]);
    }

    [Theory]
    [InlineData(null, FaultCode.PipelineFailed)]
    [InlineData(WorkerFailure.Stalled, FaultCode.PipelineFailed)]
    [InlineData(WorkerFailure.EncoderFailed, FaultCode.PipelineFailed)]
    public void A_lost_worker_is_told_and_the_next_record_goes_on_with_the_same_browser(string? failure, string code)
    {
        var set = Recording();
        if (failure is not null)
        {
            set.Take(Said(new WorkerEvent.Failed(failure, "It failed.")));
        }
        Assert.Equal(["WorkerLost"], set.Take(new WorkerGone("The worker was ended by signal 9.")));
        var lost = Assert.IsType<WorkerLost>(set.Reports[^1]);
        Assert.Equal((Path, code), (lost.RecordPath, lost.Code));

        Assert.Equal(["StartWorker", "CheckFolder"], set.Take(new ResumeRecording("/records/two.mp4")));
        Assert.Equal(["Prepare"], set.Take(new FolderReady()));
        Assert.Equal(["Begin"], set.Take(Said(new WorkerEvent.Ready())));
        Assert.Equal(["FirstFrameWritten"], set.Take(Said(new WorkerEvent.FirstFrame(At, "/records/two.mp4"))));
        Assert.Equal("/records/two.mp4", Assert.IsType<FirstFrameWritten>(set.Reports[^1]).RecordPath);
    }

    [Fact]
    public void A_record_that_is_gone_is_given_up_and_the_next_one_begins_where_the_folder_can_be_written()
    {
        var set = Recording();
        set.Take(Said(new WorkerEvent.Unrecoverable(Path, "It is gone.")));
        set.Take(Said(new WorkerEvent.Failed(WorkerFailure.RecordGone, "It lost its record.")));
        Assert.Equal(["RecordUnrecoverable", "WorkerLost"], set.Take(new WorkerGone("The worker exited with code 1.")));
        Assert.Equal(
            [
                new RecordUnrecoverable(Path, "It is gone."),
                new WorkerLost(Path, FaultCode.PipelineFailed, "It lost its record."),
            ],
            set.Reports[^2..]
        );

        Assert.Equal(["StartWorker", "CheckFolder"], set.Take(new ResumeRecording("/records/two.mp4")));
        var missing = new PartFailed(FaultCode.RecordsFolderUnavailable, "The folder is missing.");
        Assert.Equal(["EndEverything"], set.Take(missing));
        Assert.Equal(["MediaFailed"], set.Take(new EverythingEnded()));
        Assert.Equal(new MediaFailed(missing.Code, missing.Message), set.Reports[^1]);
    }

    [Theory]
    [InlineData(WorkerFailure.DiskFull, FaultCode.DiskFull)]
    [InlineData(WorkerFailure.WriteFailed, FaultCode.RecordsFolderUnavailable)]
    [InlineData(WorkerFailure.DisplayLost, FaultCode.DisplayFailed)]
    public void A_failure_that_no_other_worker_would_survive_ends_the_set_after_its_record(string failure, string code)
    {
        var set = Recording();
        set.Take(Said(new WorkerEvent.Failed(failure, "It failed.")));
        set.Take(Said(Finished));
        Assert.Equal(["RecordFinished", "EndEverything"], set.Take(new WorkerGone("exited with code 1")));
        Assert.Equal(["MediaFailed"], set.Take(new EverythingEnded()));
        Assert.Equal([Closed, new MediaFailed(code, "It failed.")], set.Reports[^2..]);
    }

    [Theory]
    [InlineData(FaultCode.DisplayFailed)]
    [InlineData(FaultCode.SoundFailed)]
    public void A_lost_display_or_sound_server_has_the_record_finalised_first(string code)
    {
        var set = Recording();
        Assert.Equal(["Finish"], set.Take(new PartFailed(code, "It died.")));
        set.Take(Said(Finished));
        Assert.Equal(["RecordFinished", "EndEverything"], set.Take(new WorkerGone("exited with code 0")));
        set.Take(new EverythingEnded());
        Assert.Equal([Closed, new MediaFailed(code, "It died.")], set.Reports[^2..]);
    }

    [Theory]
    [InlineData(FaultCode.PageFailed)]
    [InlineData(FaultCode.BrowserFailed)]
    [InlineData(FaultCode.RecordsFolderUnavailable)]
    public void A_part_that_fails_at_the_start_ends_everything_and_then_tells(string code)
    {
        var set = new Set();
        set.Take(new BeginRecording(1, Spec, Path));
        Assert.Equal(["EndEverything"], set.Take(new PartFailed(code, "It failed.")));
        Assert.Empty(set.Take(new PartFailed(FaultCode.SoundFailed, "Ended, too.")));
        set.Take(new EverythingEnded());
        Assert.Equal([new MediaFailed(code, "It failed.")], set.Reports);
    }

    [Fact]
    public void A_worker_that_fails_before_its_first_picture_ends_the_start()
    {
        var set = new Set();
        set.Take(new BeginRecording(1, Spec, Path));
        set.Take(Said(new WorkerEvent.Failed(WorkerFailure.RecordsFolderUnavailable, "The file exists.")));
        set.Take(new WorkerGone("exited with code 2"));
        // Somebody else's file stays.
        Assert.Null(set.LastEnd!.RemoveFile);
        set.Take(new EverythingEnded());
        Assert.Equal([new MediaFailed(FaultCode.RecordsFolderUnavailable, "The file exists.")], set.Reports);
    }

    [Fact]
    public void A_file_without_a_confirmed_picture_is_removed()
    {
        var set = new Set();
        set.Take(new BeginRecording(1, Spec, Path));
        foreach (var word in "display sound folder ready".Split(' '))
        {
            set.Take(Input(word));
        }
        set.Take(new PartFailed(FaultCode.PageFailed, "It failed."));
        Assert.Equal(Path, set.LastEnd!.RemoveFile);
    }

    [Fact]
    public void Finishing_before_the_first_picture_or_before_anything_is_answered_too()
    {
        var starting = new Set();
        starting.Take(new BeginRecording(1, Spec, Path));
        starting.Take(new FinishRecording());
        starting.Take(new EverythingEnded());
        Assert.Equal(Path, Assert.IsType<RecordUnrecoverable>(Assert.Single(starting.Reports)).RecordPath);

        var idle = new Set();
        Assert.Equal(["EndEverything"], idle.Take(new FinishRecording()));
        idle.Take(new EverythingEnded());
        Assert.IsType<RecordUnrecoverable>(Assert.Single(idle.Reports));
    }

    [Fact]
    public void Finishing_between_two_workers_repairs_the_last_record()
    {
        var set = Recording();
        set.Take(new WorkerGone("The worker was ended by signal 9."));
        Assert.Equal(["EndEverything"], set.Take(new FinishRecording()));
        Assert.Equal(["RepairLast"], set.Take(new EverythingEnded()));
    }

    [Fact]
    public void What_a_lost_and_restored_browser_says_is_told_on_and_changes_nothing()
    {
        var set = Recording();
        var before = set.State;
        Assert.Equal(["BrowserLost"], set.Take(new BrowserChanged(new BrowserLost(At, "It crashed."))));
        Assert.Equal(["BrowserRestored"], set.Take(new BrowserChanged(new BrowserRestored(At))));
        Assert.Equal(["PageTroubled"], set.Take(new BrowserChanged(new PageTroubled(At, "It is busy."))));
        Assert.Equal(before, set.State);
    }

    [Fact]
    public void Silence_in_place_of_sound_is_told_once_it_is_over_and_not_what_stood_at_the_beginning()
    {
        var set = Recording();
        string[] usual = ["TellPictures", "RecordGrew"];
        Assert.Equal(usual, set.Take(Silence(1, 0.3)));
        Assert.Equal(usual, set.Take(Silence(6, 0.3)));
        Assert.Equal(usual, set.Take(Silence(7, 0.5)));
        Assert.Equal(usual, set.Take(Silence(8, 0.75)));
        Assert.Equal([.. usual, "SoundMissed"], set.Take(Silence(9, 0.75)));
        Assert.Contains(" 0.45 s", Assert.Single(set.Reports.OfType<SoundMissed>()).Message, StringComparison.Ordinal);
        Assert.Equal(usual, set.Take(Silence(10, 0.75)));
    }

    [Fact]
    public void A_full_machine_does_not_tell_of_silence_for_ever()
    {
        var set = Recording();
        for (var i = 0; i < 100; i++)
        {
            set.Take(Silence(10 + i, i / 2));
        }
        Assert.Equal(10, set.Reports.OfType<SoundMissed>().Count());
    }

    [Fact]
    public void Growth_is_told_with_the_files_figures()
    {
        var set = Recording();
        Assert.Equal(
            ["TellPictures", "RecordGrew"],
            set.Take(Said(new WorkerEvent.Progress(25, 20, 5, 1, 900, 1000, 1.04, 0) { Recorded = 22 }))
        );
        Assert.Equal(
            new RecordGrew(Path, At, 25, 1, 1000, TimeSpan.FromSeconds(1.04))
            {
                FramesRecorded = 22,
                Capture = new CaptureStatistics(At, 25, 20, 5, 1, 900, TimeSpan.FromSeconds(1.04), TimeSpan.Zero),
            },
            set.Reports[^1]
        );
    }

    [Fact]
    public void A_session_of_another_type_is_refused_and_not_left_out_in_silence()
    {
        var set = new Set();
        Assert.Equal(["EndEverything"], set.Take(new BeginRecording(1, new RtpSessionSpec(0, 0), Path)));
        set.Take(new EverythingEnded());
        Assert.Equal(FaultCode.NotSupported, Assert.IsType<MediaFailed>(Assert.Single(set.Reports)).Code);
    }

    [Fact]
    public void A_session_that_only_streams_needs_no_folder_and_gives_its_worker_the_targets()
    {
        var set = Streaming();
        Assert.Equal(["FirstFrameWritten"], set.Take(Said(new WorkerEvent.FirstFrame(At, null))));
        Assert.Null(Assert.IsType<FirstFrameWritten>(set.Reports[^1]).RecordPath);
        var prepared = Assert.IsType<WorkerCommand.Prepare>(set.Commands[0]);
        Assert.Null(prepared.Path);
        Assert.Equal(WorkerTargets, prepared.Targets);
    }

    [Fact]
    public void Targets_that_change_before_the_worker_is_prepared_go_with_its_preparation_and_later_by_themselves()
    {
        var set = new Set();
        set.Take(new BeginRecording(1, Spec, Path));
        Assert.Empty(set.Take(new ChangeStreamTargets(Targets)));
        foreach (var word in "display sound folder ready page".Split(' '))
        {
            set.Take(Input(word));
        }
        Assert.Equal(WorkerTargets, Assert.IsType<WorkerCommand.Prepare>(set.Commands[0]).Targets);
        set.Take(Said(new WorkerEvent.FirstFrame(At, Path)));
        Assert.Equal(["ChangeTargets"], set.Take(new ChangeStreamTargets([])));

        set.Take(new WorkerGone("The worker was ended by signal 9."));
        Assert.Empty(set.Take(new ChangeStreamTargets(Targets)));
        set.Take(new ResumeRecording("/records/two.mp4") { Targets = Targets });
        set.Take(new FolderReady());
        Assert.Equal(WorkerTargets, Assert.IsType<WorkerCommand.Prepare>(set.Commands[^1]).Targets);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_that_is_to_say_when_its_record_begins_is_waited_for_however_ready_all_is(bool entered)
    {
        var set = new Set();
        set.Take(new BeginRecording(1, Spec with { Begin = new BeginRule { When = BeginWhen.Signal } }, Path));
        foreach (var word in "display sound folder ready page".Split(' '))
        {
            set.Take(Input(word));
        }
        Assert.Equal(["Prepare"], set.Commands.Select(command => command.GetType().Name));
        Assert.Equal(["PageWaits"], set.Take(new BrowserChanged(new PageWaits(true, At))));
        Assert.Equal(["TakePagePicture"], set.Take(new TakeThumbnail()));
        if (entered)
        {
            Assert.Equal(["Begin"], set.Take(new PageEntered()));
        }
        else
        {
            // The browser watches the page for its end from now on.
            Assert.Equal(["EnterPage", "Begin"], set.Take(new BeginAnyway()));
        }
        Assert.Empty(set.Take(new PageEntered()));
    }

    [Fact]
    public void A_record_that_is_to_begin_anyway_and_a_page_without_a_rule_wait_for_nothing()
    {
        foreach (
            var begin in new[]
            {
                new BeginRecording(1, Spec, Path),
                new BeginRecording(1, Spec with { Begin = new BeginRule { When = BeginWhen.Signal } }, Path)
                {
                    Anyway = true,
                },
            }
        )
        {
            var set = new Set();
            set.Take(begin);
            foreach (var word in "display sound folder ready page".Split(' '))
            {
                set.Take(Input(word));
            }
            Assert.IsType<WorkerCommand.Begin>(set.Commands[^1]);
        }
    }

    [Fact]
    public void The_browser_is_told_what_to_watch_its_page_for()
    {
        var end = new EndRules { Page = [EndPageWord.EndSignal] };
        var set = new Set();
        set.Take(new BeginRecording(1, Spec, Path) { End = end });
        Assert.Empty(set.Take(new WatchPage(end with { Page = [EndPageWord.Closed] })));
        set.Take(Input("display"));
        Assert.Contains("StartBrowser", set.Take(Input("sound")));
        Assert.Equal(["WatchPage"], set.Take(new WatchPage(EndRules.None)));
    }

    [Fact]
    public void A_pause_and_a_thumbnail_are_asked_of_the_worker_only_while_it_records()
    {
        var set = new Set();
        set.Take(new BeginRecording(1, Spec, Path));
        Assert.Empty(set.Take(new PauseRecording()));
        Assert.Equal(["ThumbnailFailed"], set.Take(new TakeThumbnail()));
        set = Recording();
        Assert.Equal(["Pause"], set.Take(new PauseRecording()));
        Assert.Equal(["Unpause"], set.Take(new UnpauseRecording()));
        Assert.Equal(["TakeThumbnail"], set.Take(new TakeThumbnail()));
        Assert.Equal(["Mark"], set.Take(new FindMark("mark-1", "Questions", At)));
    }

    public static TheoryData<WorkerEvent, IMediaEvent> ToldOn =>
        new()
        {
            { new WorkerEvent.OutputChanged(Told), new OutputChanged(Output) },
            { new WorkerEvent.PauseChanged(true, At), new PauseChanged(true, At) },
            { new WorkerEvent.Marked("mark-1", 4.04), new MarkFound(Path, "mark-1", TimeSpan.FromSeconds(4.04)) },
            { new WorkerEvent.ThumbnailFailed("No picture."), new ThumbnailFailed("No picture.") },
        };

    [Theory]
    [MemberData(nameof(ToldOn))]
    public void What_the_worker_says_of_its_outputs_is_told_on(WorkerEvent said, IMediaEvent told)
    {
        var set = Recording();
        set.Take(Said(said));
        Assert.Equal(told, set.Reports[^1]);
    }

    [Fact]
    public void Every_target_refusing_at_the_start_ends_it_with_the_servers_answer()
    {
        var set = Streaming();
        set.Take(Said(new WorkerEvent.Failed(WorkerFailure.StreamFailed, "It refused.")));
        Assert.Equal(["EndEverything"], set.Take(new WorkerGone("exited with code 1")));
        set.Take(new EverythingEnded());
        Assert.Equal(new MediaFailed(FaultCode.StreamFailed, "It refused."), Assert.Single(set.Reports));
    }

    [Fact]
    public void Of_streams_nothing_is_repaired_when_the_worker_dies_at_the_end()
    {
        var set = Streaming();
        set.Take(Said(new WorkerEvent.FirstFrame(At, null)));
        set.Take(Said(new WorkerEvent.Progress(25, 20, 5, 1, 900, 0, 1.5, 0)));
        set.Take(new FinishRecording());
        Assert.Equal(["EndEverything"], set.Take(new WorkerGone("The worker was ended by signal 9.")));
        Assert.Equal(["RecordFinished"], set.Take(new EverythingEnded()));
        Assert.Equal(new RecordFinished(null, TimeSpan.FromSeconds(1.5), 0, Repaired: false), set.Reports[^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_worker_is_told_whether_the_session_has_streamed_before(bool resumes)
    {
        var set = new Set();
        set.Take(
            new BeginRecording(1, Spec with { Mode = RecordingMode.Stream }, null)
            {
                Targets = Targets,
                Resumes = resumes,
            }
        );
        foreach (var word in "display sound ready page".Split(' '))
        {
            set.Take(Input(word));
        }
        Assert.Equal(new WorkerCommand.Begin { Resumes = resumes }, set.Commands[^1]);

        set.Take(Said(new WorkerEvent.FirstFrame(At, null)));
        set.Take(new WorkerGone("The worker was ended by signal 9."));
        set.Take(new ResumeRecording(null) { Targets = Targets });
        set.Take(Said(new WorkerEvent.Ready()));
        Assert.Equal(new WorkerCommand.Begin { Resumes = true }, set.Commands[^1]);
    }

    private static Set Streaming()
    {
        var set = new Set();
        Assert.Equal(
            ["StartDisplay", "StartSound", "StartWorker"],
            set.Take(new BeginRecording(1, Spec with { Mode = RecordingMode.Stream }, null) { Targets = Targets })
        );
        foreach (var word in "display sound ready page".Split(' '))
        {
            set.Take(Input(word));
        }
        return set;
    }

    private static Set Recording()
    {
        var set = new Set();
        set.Take(new BeginRecording(1, Spec, Path));
        foreach (var word in "display sound folder ready page".Split(' '))
        {
            set.Take(Input(word));
        }
        set.Take(Said(new WorkerEvent.FirstFrame(At, Path)));
        return set;
    }

    private static object Input(string word) =>
        word switch
        {
            "display" => Display,
            "sound" => Sound,
            "folder" => new FolderReady(),
            "page" => new PageLoaded(),
            _ => Said(new WorkerEvent.Ready()),
        };

    private static WorkerSaid Said(WorkerEvent said) => new(said, At);

    private static WorkerSaid Silence(double recorded, double silence) =>
        Said(new WorkerEvent.Progress(25, 20, 5, 1, 900, 1000, recorded, silence));

    /// <summary>A media set that carries nothing out and writes down what it should have done.</summary>
    private sealed class Set
    {
        public MediaState State { get; private set; } =
            MediaState.Initial with
            {
                Session = new SessionId(3),
                MinimumFreeBytes = 77,
                AuthoritiesFile = "/etc/authorities.pem",
            };

        public List<IMediaEvent> Reports { get; } = [];

        public List<WorkerCommand> Commands { get; } = [];

        public MediaEffect.EndEverything? LastEnd { get; private set; }

        /// <summary>Takes an input and names the effects.</summary>
        public List<string> Take(object input)
        {
            var step = MediaDecision.Next(State, input);
            State = step.State;
            Reports.AddRange(step.Effects.OfType<MediaEffect.Report>().Select(report => report.Event));
            Commands.AddRange(step.Effects.OfType<MediaEffect.Command>().Select(command => command.ToWorker));
            LastEnd = step.Effects.OfType<MediaEffect.EndEverything>().LastOrDefault() ?? LastEnd;
            return
            [
                .. step.Effects.Select(effect =>
                    effect switch
                    {
                        MediaEffect.Report report => report.Event.GetType().Name,
                        MediaEffect.Command command => command.ToWorker.GetType().Name,
                        _ => effect.GetType().Name,
                    }
                ),
            ];
        }
    }
}
