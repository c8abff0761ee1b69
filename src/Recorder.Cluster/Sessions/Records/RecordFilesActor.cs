using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Reads the records of this node for the edges of the farm, one part at a time. No file stays open between parts, so
/// an edge that stops asking leaves nothing behind. At most <see cref="ReadsAtOnce"/> reads run at once, so that a
/// hanging disk does not take the pool's threads.
/// </summary>
internal sealed class RecordFilesActor : ReceiveActor
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "record-files";

    /// <summary>How many files are read at once.</summary>
    public const int ReadsAtOnce = 4;

    /// <summary>How many requests may wait for earlier reads. Behind each request waits an HTTP call, which gives up
    /// by itself.</summary>
    public const int WaitingLimit = 256;

    private readonly IRecordsFolder _folder;
    private readonly Func<string, ReadRecordFile, Task<RecordFileReply>> _read;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<(ReadRecordFile Ask, IActorRef Asker)> _waiting = [];
    private int _reading;

    /// <param name="folder">The node's records folder.</param>
    /// <param name="read">Reads the requested part from a folder.</param>
    public RecordFilesActor(IRecordsFolder folder, Func<string, ReadRecordFile, Task<RecordFileReply>> read)
    {
        _folder = folder;
        _read = read;
        Receive<ReadRecordFile>(OnRead);
        Receive<Done>(OnDone);
    }

    /// <param name="folder">The node's records folder.</param>
    public static Props Props(IRecordsFolder folder) =>
        Akka.Actor.Props.Create(() => new RecordFilesActor(folder, RecordFileReader.ReadAsync));

    private void OnRead(ReadRecordFile ask)
    {
        if (RecordPresence.WhyAway(_folder, _folder.Standing, ask.Folder) is { } away)
        {
            Sender.Tell(new RecordFileElsewhere(ask.Id, away));
        }
        else if (_waiting.Count >= WaitingLimit)
        {
            Sender.Tell(
                new RecordFileUnreadable(
                    ask.Id,
                    $"{WaitingLimit} reads wait for the disk of the records folder {_folder.Path}."
                )
            );
        }
        else
        {
            _waiting.Enqueue((ask, Sender));
            BeginNext();
        }
    }

    private void OnDone(Done done)
    {
        _reading--;
        if (done.Reply is RecordFileUnreadable unreadable)
        {
            _log.Warning("Session {0}: {1}", unreadable.Id, unreadable.Message);
        }
        done.Asker.Tell(done.Reply);
        BeginNext();
    }

    private void BeginNext()
    {
        if (_reading >= ReadsAtOnce || !_waiting.TryDequeue(out var next))
        {
            return;
        }
        _reading++;

        // Opening a file has no asynchronous form.
        var (ask, asker) = next;
        Task.Run(() => _read(_folder.Path, ask))
            .PipeTo(
                Self,
                Self,
                reply => new Done(asker, reply),
                error => new Done(
                    asker,
                    new RecordFileUnreadable(ask.Id, $"{ask.Record} cannot be read: {error.Message}")
                )
            );
    }

    private sealed record Done(IActorRef Asker, RecordFileReply Reply);
}
