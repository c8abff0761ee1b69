using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace Recorder.Cluster.Tests;

/// <summary>The journal in memory, which on request refuses writes or takes its time over them.</summary>
internal sealed class ScriptedJournal : MemoryJournal
{
    private int _failures;
    private IActorRef? _watcher;
    private bool _tellsWritten;
    private TaskCompletionSource _open = Opened();

    public static string Hocon =>
        $$"""
            akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
            akka.persistence.journal.plugin = "akka.persistence.journal.scripted"
            akka.persistence.journal.scripted {
              class = "{{typeof(ScriptedJournal).AssemblyQualifiedName}}"
              plugin-dispatcher = "akka.actor.default-dispatcher"
            }
            """;

    /// <summary>The journal of a system. Tell it <see cref="FailWrites"/>, <see cref="HoldWrites"/> or
    /// <see cref="ReleaseWrites"/>.</summary>
    public static IActorRef Of(ActorSystem system) => Persistence.Instance.Apply(system).JournalFor(null);

    protected override bool ReceivePluginInternal(object message)
    {
        switch (message)
        {
            case FailWrites fail:
                _failures = fail.Count;
                Sender.Tell(new Done());
                return true;
            case HoldWrites hold:
                _watcher = hold.Watcher;
                _tellsWritten = hold.TellsWritten;
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Sender.Tell(new Done());
                return true;
            case ReleaseWrites:
                _open.TrySetResult();
                return true;
            default:
                return base.ReceivePluginInternal(message);
        }
    }

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages,
        CancellationToken cancellationToken
    )
    {
        var writes = messages.ToList();
        if (_failures > 0)
        {
            _failures--;
            throw new IOException("The journal was told to fail.");
        }

        if (!_open.Task.IsCompleted)
        {
            _watcher.Tell(new WriteHeld());
            await _open.Task;
            var rejections = await base.WriteMessagesAsync(writes, cancellationToken);
            if (_tellsWritten)
            {
                _watcher.Tell(new HeldWriteDone());
            }
            return rejections;
        }

        return await base.WriteMessagesAsync(writes, cancellationToken);
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    /// <summary>The next writes fail. Answered by <see cref="Done"/>.</summary>
    internal sealed record FailWrites(int Count);

    /// <summary>Writes wait for <see cref="ReleaseWrites"/>; the watcher hears <see cref="WriteHeld"/> of each.
    /// Answered by <see cref="Done"/>.</summary>
    internal sealed record HoldWrites(IActorRef Watcher)
    {
        /// <summary>Whether the watcher also hears <see cref="HeldWriteDone"/> of each held write.</summary>
        public bool TellsWritten { get; init; }
    }

    /// <summary>A write that was held is in the journal.</summary>
    internal sealed record HeldWriteDone;

    internal sealed record ReleaseWrites;

    internal sealed record WriteHeld;

    internal sealed record Done;
}
