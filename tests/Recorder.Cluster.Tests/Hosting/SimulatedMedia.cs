using System.Threading.Channels;
using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting.Driver;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>
/// The media side of a node without any process: a record is a small file that appears with its first frame, grows, and
/// is marked when it is finished. A test can await each command.
/// </summary>
internal sealed class SimulatedMedia(string recordsFolder) : ISessionMedia
{
    private readonly Channel<IMediaCommand> _heard = Channel.CreateUnbounded<IMediaCommand>();

    public string RecordsFolder { get; } = recordsFolder;

    private int _live;
    private int _present;
    private bool _holdsFirstFrames;
    private bool _showsLobby;
    private bool _holdsEnds;
    private bool _fails;

    /// <summary>How many sessions write a record just now.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>How many sessions have a media side just now, whether it writes, is held or has ended its
    /// record.</summary>
    public int Present => Volatile.Read(ref _present);

    /// <summary>While this is set, no record gets its first frame.</summary>
    public bool HoldsFirstFrames
    {
        get => Volatile.Read(ref _holdsFirstFrames);
        set => Volatile.Write(ref _holdsFirstFrames, value);
    }

    /// <summary>While this is set, pages whose record waits for its beginning show a lobby.</summary>
    public bool ShowsLobby
    {
        get => Volatile.Read(ref _showsLobby);
        set => Volatile.Write(ref _showsLobby, value);
    }

    /// <summary>While this is set, no record comes to its end.</summary>
    public bool HoldsEnds
    {
        get => Volatile.Read(ref _holdsEnds);
        set => Volatile.Write(ref _holdsEnds, value);
    }

    /// <summary>While this is set, every recording fails at its start.</summary>
    public bool Fails
    {
        get => Volatile.Read(ref _fails);
        set => Volatile.Write(ref _fails, value);
    }

    /// <summary>How long the end of a record takes.</summary>
    public TimeSpan FinishingTime { get; init; } = TimeSpan.Zero;

    /// <summary>How long the first frame takes.</summary>
    public TimeSpan StartingTime { get; init; } = TimeSpan.Zero;

    /// <summary>The node's records folder.</summary>
    public IRecordsFolder? Folder { get; set; }

    /// <summary>The host's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the media of a whole farm are entered, or null.</summary>
    public MediaLedger? Ledger { get; init; }

    public Props MediaOf(SessionId session, SessionSpec spec) => Props.Create(() => new Child(this, session, spec));

    /// <summary>Forgets the commands so far.</summary>
    public void Forget()
    {
        while (_heard.Reader.TryRead(out _)) { }
    }

    /// <summary>The next command of a kind, others passed over; fails with what it waited for.</summary>
    public async Task<T> HearAsync<T>()
        where T : IMediaCommand
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            while (true)
            {
                if (await _heard.Reader.ReadAsync(limit.Token) is T command)
                {
                    return command;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The media side was not told {typeof(T).Name} within 60 seconds.");
        }
    }

    private sealed class Child : ReceiveActor, IWithTimers
    {
        private static readonly TimeSpan HoldInterval = TimeSpan.FromMilliseconds(50);

        private readonly SimulatedMedia _media;
        private readonly bool _mayWait;
        private readonly DateTimeOffset? _notBefore;
        private bool _begunAnyway;
        private string? _asked;
        private string? _record;
        private bool _opened;
        private bool _writes;
        private int _frames;
        private readonly Func<int?> _begin;
        private int? _life;

        public Child(SimulatedMedia media, SessionId session, SessionSpec spec)
        {
            _media = media;
            _mayWait = spec is PageSessionSpec { Begin: not null };
            _notBefore = (spec as PageSessionSpec)?.Begin?.NotBefore;
            var node = Akka.Cluster.Cluster.Get(Context.System).SelfAddress.ToString();
            var prepared = Context.Parent.Path.Name == MediaKeeperActor.Name;
            _begin = () => media.Ledger?.Begin(session, node, _record ?? "", spec, prepared);
            Receive<BeginRecording>(begin => Write(begin, begin.RecordPath));
            Receive<ResumeRecording>(next => Write(next, next.RecordPath));
            Receive<BeginAnyway>(begin =>
            {
                Note(begin);
                _begunAnyway = true;
                if (!_writes)
                {
                    Timers.Cancel(nameof(Release));
                    Write(_asked);
                }
            });
            Receive<Release>(held => Write(held.Path));
            Receive<PauseRecording>(pause =>
            {
                Note(pause);
                Context.Parent.Tell(new PauseChanged(true, media.Clock.GetUtcNow()));
            });
            Receive<UnpauseRecording>(go =>
            {
                Note(go);
                Context.Parent.Tell(new PauseChanged(false, media.Clock.GetUtcNow()));
            });
            Receive<ChangeStreamTargets>(Note);
            Receive<FindMark>(mark =>
            {
                Note(mark);
                Context.Parent.Tell(new MarkFound(_record, mark.Id, TimeSpan.FromSeconds(_frames / 25.0)));
            });
            Receive<FirstFrame>(_ => WriteFirstFrame());
            Receive<FinishRecording>(finish =>
            {
                Note(finish);
                Timers.CancelAll();
                if (media.FinishingTime > TimeSpan.Zero)
                {
                    Timers.StartSingleTimer(nameof(Finished), new Finished(), media.FinishingTime);
                }
                else
                {
                    Self.Tell(new Finished());
                }
            });
            Receive<Finished>(finished =>
            {
                if (media.HoldsEnds)
                {
                    Timers.StartSingleTimer(nameof(Finished), finished, HoldInterval);
                    return;
                }

                if (!_opened)
                {
                    Context.Parent.Tell(
                        new RecordUnrecoverable(_asked, "It was stopped before its first picture was written or sent.")
                    );
                    return;
                }

                if (_record is null)
                {
                    Context.Parent.Tell(new RecordFinished(null, TimeSpan.FromSeconds(1), 0, Repaired: false));
                    return;
                }

                File.AppendAllText(_record, $"{TimeProvider.System.GetUtcNow():O}\nfinished\n");
                Context.Parent.Tell(
                    new RecordFinished(
                        _record,
                        TimeSpan.FromSeconds(_frames / 25.0),
                        new FileInfo(_record).Length,
                        Repaired: false
                    )
                );
            });
            Receive<RepairRecord>(repair =>
            {
                Note(repair);
                if (media.Folder is { } folder && RecordPresence.Look(folder, repair) is { } verdict)
                {
                    Context.Parent.Tell(verdict);
                    return;
                }

                File.AppendAllText(repair.RecordPath, "repaired\n");
                Context.Parent.Tell(
                    new RecordFinished(
                        repair.RecordPath,
                        TimeSpan.FromSeconds(1),
                        new FileInfo(repair.RecordPath).Length,
                        Repaired: true
                    )
                );
            });
            Receive<Grow>(_ =>
            {
                _frames++;
                Context.Parent.Tell(
                    new RecordGrew(
                        _record,
                        media.Clock.GetUtcNow(),
                        _frames,
                        0,
                        100,
                        TimeSpan.FromSeconds(_frames / 25.0)
                    )
                );
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Interlocked.Increment(ref _media._present);

        protected override void PostStop()
        {
            Interlocked.Decrement(ref _media._present);
            if (_writes)
            {
                Interlocked.Decrement(ref _media._live);
            }
            if (_life is { } life)
            {
                _media.Ledger?.End(life);
            }
        }

        private void Write(IMediaCommand command, string? path)
        {
            Note(command);
            _asked = path;
            _opened = false;
            if (_media.Fails)
            {
                Context.Parent.Tell(new MediaFailed(FaultCode.PageFailed, "The test has the media side fail."));
            }
            else
            {
                Write(path);
            }
        }

        private void Write(string? path)
        {
            if (_mayWait && _media.ShowsLobby)
            {
                Context.Parent.Tell(new PageWaits(true, _media.Clock.GetUtcNow()));
                Timers.StartSingleTimer(nameof(Release), new Release(path), HoldInterval);
                return;
            }

            if (_notBefore > _media.Clock.GetUtcNow() && !_begunAnyway)
            {
                Context.Parent.Tell(new PageWaits(false, _media.Clock.GetUtcNow()));
                Timers.StartSingleTimer(nameof(Release), new Release(path), HoldInterval);
                return;
            }

            if (_media.HoldsFirstFrames)
            {
                Timers.StartSingleTimer(nameof(Release), new Release(path), HoldInterval);
                return;
            }

            if (File.Exists(path))
            {
                throw new IOException($"{path} exists: a record must not be written over.");
            }
            if (!_writes)
            {
                Interlocked.Increment(ref _media._live);
            }
            _writes = true;
            _record = path;
            _frames = 0;
            if (_media.StartingTime > TimeSpan.Zero)
            {
                Timers.StartSingleTimer(nameof(FirstFrame), new FirstFrame(), _media.StartingTime);
            }
            else
            {
                WriteFirstFrame();
            }
        }

        private void WriteFirstFrame()
        {
            _life ??= _begin();
            _opened = true;
            if (_record is not null)
            {
                File.WriteAllText(_record, "first frame\n");
            }
            Context.Parent.Tell(new FirstFrameWritten(_record, _media.Clock.GetUtcNow()));
            Timers.StartPeriodicTimer(nameof(Grow), new Grow(), TimeSpan.FromMilliseconds(100));
        }

        private void Note(IMediaCommand command) => _media._heard.Writer.TryWrite(command);

        private sealed record FirstFrame;

        private sealed record Grow;

        private sealed record Release(string? Path);

        private sealed record Finished;
    }
}
