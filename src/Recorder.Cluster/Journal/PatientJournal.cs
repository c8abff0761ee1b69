using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;

namespace Recorder.Cluster.Journal;

/// <summary>
/// The SQL journal, whose writes wait for a database that is away instead of failing. A failed write would stop the
/// persisting actor, and with it a recording that does not need the database. A write still fails at once when
/// another incarnation of the actor has overtaken it. That is the fence between two owners of one session.
/// </summary>
/// <remarks>
/// A try whose answer was lost may have been committed. A write that meets events of its own numbers therefore reads
/// them back. If these events are its own, the write is done. A conflict also fails the other writes of its batch;
/// these find no own events and try again.
/// </remarks>
public sealed class PatientJournal : SqlWriteJournal, IWithTimers
{
    /// <summary>Conflicts of other writes of the same batch, which fail with this one. They are over soon.</summary>
    private const int QuickConflicts = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Akka.Serialization.Serialization _serialization = Context.System.Serialization;
    private readonly TimeSpan _patience;
    private readonly EventStream _news = Context.System.EventStream;
    private int _pending;
    private int _waiting;
    private long _logged;

    /// <summary>Called by Akka.Persistence.</summary>
    /// <param name="configuration">The plugin's section of the configuration: that of the SQL journal, with
    /// <c>patience</c> added.</param>
    public PatientJournal(Config configuration)
        : base(configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _patience = configuration.GetTimeSpan("patience");
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages,
        CancellationToken cancellationToken
    )
    {
        // All tries have the same timestamp, because a write also recognises its own events by the timestamp.
        var now = TimeProvider.System.GetUtcNow().Ticks;
        ImmutableList<AtomicWrite> stamped =
        [
            .. messages.Select(message => new AtomicWrite([
                .. EventsOf(message).Select(happened => happened.WithTimestamp(now)),
            ])),
        ];
        var write = new Write(stamped, Stopwatch.GetTimestamp(), cancellationToken);
        _pending++;
        Tell();
        Try(write);
        return write.Done.Task;
    }

    /// <summary>Replays the events of an actor, and reports a hole in their numbers: after the failover to a standby
    /// without the last writes, a living actor goes on with the next number.</summary>
    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    )
    {
        long? last = null;
        return base.ReplayMessagesAsync(
            context,
            persistenceId,
            fromSequenceNr,
            toSequenceNr,
            max,
            happened =>
            {
                if (last is { } before && happened.SequenceNr != before + 1)
                {
                    _log.Error(
                        "The journal of {0} has a hole: the events {1} to {2} are missing. The database has lost writes, as a standby does that takes over without them. "
                            + "Look for records in the records folder that no list has, and let the server wait for its standby (synchronous_commit).",
                        persistenceId,
                        before + 1,
                        happened.SequenceNr - 1
                    );
                }
                last = happened.SequenceNr;
                recoveryCallback(happened);
            }
        );
    }

    /// <inheritdoc/>
    protected override bool ReceivePluginInternal(object message)
    {
        switch (message)
        {
            case Written written:
                Settle(written.Write, rejections: written.Rejections);
                return true;
            case Failed failed:
                OnFailed(failed.Write, failed.Cause);
                return true;
            case ReadBack back:
                OnReadBack(back);
                return true;
            case Again again:
                Try(again.Write);
                return true;
            default:
                return base.ReceivePluginInternal(message);
        }
    }

    private void Try(Write write) =>
        base.WriteMessagesAsync(write.Messages, write.Cancellation)
            .PipeTo(
                Self,
                success: rejections => new Written(write, rejections),
                failure: cause => new Failed(write, cause)
            );

    private void OnFailed(Write write, Exception cause)
    {
        var fault = JournalFaults.Of(cause);
        if (
            fault == JournalFault.Other
            || write.Cancellation.IsCancellationRequested
            || Stopwatch.GetElapsedTime(write.Since) > _patience
        )
        {
            Settle(write, cause: cause);
        }
        else if (fault == JournalFault.Conflict)
        {
            ReadBackAsync(Context, write, cause)
                .PipeTo(Self, success: back => back, failure: why => new Failed(write, why));
        }
        else
        {
            if (!write.Waits)
            {
                write.Waits = true;
                _waiting++;
                Tell();
            }

            if (_logged == 0 || Stopwatch.GetElapsedTime(_logged) > LogInterval)
            {
                _logged = Stopwatch.GetTimestamp();
                _log.Warning(
                    "The database does not take events ({0}); recordings go on, and {1} writes wait for it, the oldest try now for {2:0} s.",
                    cause.GetBaseException().Message.TrimEnd('.'),
                    _waiting,
                    Stopwatch.GetElapsedTime(write.Since).TotalSeconds
                );
            }

            Timers.StartSingleTimer(write, new Again(write), write.NextPause());
        }
    }

    private async Task<ReadBack> ReadBackAsync(IActorContext context, Write write, Exception cause)
    {
        var stored = new List<IPersistentRepresentation>();
        await ReplayMessagesAsync(context, write.Id, write.First, write.Last, long.MaxValue, stored.Add);

        // A deleted event is not replayed, and its number counts as given.
        var highest = stored.Count > 0 ? write.Last : await ReadHighestSequenceNrAsync(write.Id, 0, write.Cancellation);
        return new ReadBack(write, stored, highest, cause);
    }

    private void OnReadBack(ReadBack back)
    {
        var verdict = WriteVerdicts.Of(
            [.. back.Write.Messages.SelectMany(EventsOf).Select(Identify)],
            [.. back.Stored.Select(Identify)],
            back.Highest
        );
        switch (verdict)
        {
            case WriteVerdict.Done:
                Settle(
                    back.Write,
                    rejections: ImmutableList.CreateRange(back.Write.Messages.Select(_ => default(Exception)!))
                );
                break;
            case WriteVerdict.NotWritten when ++back.Write.Conflicts <= QuickConflicts:
                Try(back.Write);
                break;
            case WriteVerdict.NotWritten:
                Timers.StartSingleTimer(back.Write, new Again(back.Write), back.Write.NextPause());
                break;
            default:
                Settle(back.Write, cause: back.Cause);
                break;
        }
    }

    private void Settle(Write write, IImmutableList<Exception>? rejections = null, Exception? cause = null)
    {
        _pending--;
        if (write.Waits && --_waiting == 0)
        {
            _logged = 0;
            if (cause is null)
            {
                _log.Info(
                    "The database takes events again; the last of the writes that waited is done after {0:0.0} s.",
                    Stopwatch.GetElapsedTime(write.Since).TotalSeconds
                );
            }
        }

        if (cause is null)
        {
            write.Done.TrySetResult(rejections!);
        }
        else
        {
            write.Done.TrySetException(cause);
        }
        Tell(new EndedWrite(Stopwatch.GetElapsedTime(write.Since), cause is null));
    }

    private void Tell(EndedWrite? ended = null) => _news.Publish(new JournalNews(_pending, _waiting) { Ended = ended });

    private WrittenEvent Identify(IPersistentRepresentation happened) =>
        new(happened.SequenceNr, happened.Timestamp, _serialization.Serialize(happened.Payload));

    private static IEnumerable<IPersistentRepresentation> EventsOf(AtomicWrite message) =>
        (IEnumerable<IPersistentRepresentation>)message.Payload;

    private sealed record Written(Write Write, IImmutableList<Exception> Rejections)
        : INoSerializationVerificationNeeded;

    private sealed record Failed(Write Write, Exception Cause) : INoSerializationVerificationNeeded;

    private sealed record ReadBack(
        Write Write,
        List<IPersistentRepresentation> Stored,
        long Highest,
        Exception Cause
    ) : INoSerializationVerificationNeeded;

    private sealed record Again(Write Write) : INoSerializationVerificationNeeded;

    /// <summary>One write of one actor, from its first try to its end. Used only by the journal actor.</summary>
    private sealed class Write(ImmutableList<AtomicWrite> messages, long since, CancellationToken cancellation)
    {
        private TimeSpan _pause = FirstPause;

        public ImmutableList<AtomicWrite> Messages { get; } = messages;

        public long Since { get; } = since;

        public CancellationToken Cancellation { get; } = cancellation;

        public TaskCompletionSource<IImmutableList<Exception>> Done { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Waits { get; set; }

        /// <summary>How often the write met a conflict and found no event in its place.</summary>
        public int Conflicts { get; set; }

        public string Id => Messages[0].PersistenceId;

        public long First => Messages[0].LowestSequenceNr;

        public long Last => Messages[^1].HighestSequenceNr;

        public TimeSpan NextPause()
        {
            var pause = _pause;
            _pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            return pause;
        }
    }
}
