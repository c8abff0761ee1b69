using System.Net.Sockets;
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
    private readonly RecordStreamServer? _streams;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<(ReadRecordFile Ask, long? Streamed, IActorRef Asker)> _waiting = [];
    private int _reading;

    /// <param name="folder">The node's records folder.</param>
    /// <param name="read">Reads the requested part from a folder.</param>
    /// <param name="streams">Sends records straight to edges; null when the node cannot.</param>
    public RecordFilesActor(
        IRecordsFolder folder,
        Func<string, ReadRecordFile, Task<RecordFileReply>> read,
        RecordStreamServer? streams
    )
    {
        _folder = folder;
        _read = read;
        _streams = streams;
        Receive<ReadRecordFile>(ask => OnRead(ask, null));
        Receive<OpenRecordStream>(ask => OnRead(ask.File with { Length = 0 }, ask.Length));
        Receive<Done>(OnDone);
    }

    /// <param name="folder">The node's records folder.</param>
    /// <param name="media">Makes pictures of records.</param>
    /// <param name="streams">Sends records straight to edges; null when the node cannot.</param>
    public static Props Props(IRecordsFolder folder, ISessionMedia media, RecordStreamServer? streams)
    {
        Func<string, ReadRecordFile, Task<RecordFileReply>> read = (at, ask) =>
            ask.Kind == RecordFileKind.Poster
                ? RecordFileReader.ReadPosterAsync(at, ask, media.MakePosterAsync)
                : RecordFileReader.ReadAsync(at, ask);
        return Akka.Actor.Props.Create(() => new RecordFilesActor(folder, read, streams));
    }

    private void OnRead(ReadRecordFile ask, long? streamed)
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
            _waiting.Enqueue((ask, streamed, Sender));
            BeginNext();
        }
    }

    private void OnDone(Done done)
    {
        _reading--;
        if (done is { Streamed: { } length, Reply: RecordFilePart part })
        {
            done = done with { Reply = Open(done.Ask, part, length, done.Asker) };
        }
        else if (done.Reply is RecordFileUnreadable unreadable)
        {
            _log.Warning("Session {0}: {1}", unreadable.Id, unreadable.Message);
        }
        done.Asker.Tell(done.Reply);
        BeginNext();
    }

    private RecordFileReply Open(ReadRecordFile ask, RecordFilePart part, long length, IActorRef asker)
    {
        var why = "The node offers no stream of it at present.";
        if (
            _streams is { HasRoom: true } streams
            && ask.Offset + length <= part.Size
            && RecordFileReader.PathOf(_folder.Path, ask) is { } path
        )
        {
            try
            {
                var port = asker.Path.Address.HasLocalScope ? 0 : streams.Listen();
                return new RecordStreamOpened(ask.Id, port, streams.Admit(path, part.Mark, ask.Offset, length));
            }
            catch (SocketException error)
            {
                why = $"The node cannot listen for other nodes: {error.Message}";
            }
        }
        return new RecordFileUnreadable(ask.Id, why);
    }

    private void BeginNext()
    {
        if (_reading >= ReadsAtOnce || !_waiting.TryDequeue(out var next))
        {
            return;
        }
        _reading++;

        // Opening a file has no asynchronous form.
        var (ask, streamed, asker) = next;
        Task.Run(() => _read(_folder.Path, ask))
            .PipeTo(
                Self,
                Self,
                reply => new Done(ask, streamed, asker, reply),
                error => new Done(
                    ask,
                    streamed,
                    asker,
                    new RecordFileUnreadable(ask.Id, $"{ask.Record} cannot be read: {error.Message}")
                )
            );
    }

    private sealed record Done(ReadRecordFile Ask, long? Streamed, IActorRef Asker, RecordFileReply Reply);
}
