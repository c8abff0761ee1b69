using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Reads the records of this node for the edges of the farm, one part at a time. No file stays open between parts, so
/// an edge that stops asking leaves nothing behind. At most <see cref="ReadsAtOnce"/> reads run at once, so that a
/// hanging disk does not take the pool's threads. Pictures that do not exist yet are made one at a time, beside the
/// reads, since making a picture takes up to 25 s.
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

    /// <summary>How many requests may wait for pictures that do not exist yet.</summary>
    public const int PicturesLimit = 64;

    private readonly IRecordsFolder _folder;
    private readonly Func<string, ReadRecordFile, Task<RecordFileReply>> _make;
    private readonly RecordStreamServer? _streams;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Queue<Wanted> _waiting = [];
    private readonly Queue<Wanted> _pictures = [];
    private int _reading;
    private bool _making;

    /// <param name="folder">The node's records folder.</param>
    /// <param name="make">Makes the picture of a record if there is none, and reads the requested part.</param>
    /// <param name="streams">Sends records straight to edges; null when the node cannot.</param>
    public RecordFilesActor(
        IRecordsFolder folder,
        Func<string, ReadRecordFile, Task<RecordFileReply>> make,
        RecordStreamServer? streams
    )
    {
        _folder = folder;
        _make = make;
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
        Func<string, ReadRecordFile, Task<RecordFileReply>> make = (at, ask) =>
            RecordFileReader.ReadPosterAsync(at, ask, media.MakePosterAsync);
        return Akka.Actor.Props.Create(() => new RecordFilesActor(folder, make, streams));
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
            _waiting.Enqueue(new Wanted(ask, streamed, Sender));
            BeginNext();
        }
    }

    private void OnDone(Done done)
    {
        if (done.Made)
        {
            _making = false;
        }
        else
        {
            _reading--;
        }
        if (done is { Made: false, Reply: RecordFileMissing, Wanted.Ask.Kind: RecordFileKind.Poster })
        {
            OnNoPicture(done.Wanted);
        }
        else
        {
            Answer(done.Wanted, done.Reply);
        }
        BeginNext();
        BeginPicture();
    }

    private void OnNoPicture(Wanted wanted)
    {
        if (_pictures.Count < PicturesLimit)
        {
            _pictures.Enqueue(wanted);
        }
        else
        {
            Answer(wanted, new RecordFileUnreadable(wanted.Ask.Id, $"{PicturesLimit} pictures wait to be made."));
        }
    }

    private void Answer(Wanted wanted, RecordFileReply reply)
    {
        if (reply is RecordFileUnreadable unreadable)
        {
            _log.Warning("Session {0}: {1}", unreadable.Id, unreadable.Message);
        }
        wanted.Asker.Tell(
            wanted.Streamed is { } length && reply is RecordFilePart part
                ? Open(wanted.Ask, part, length, wanted.Asker)
                : reply
        );
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
                var (ticket, key) = streams.Admit(path, part.Mark, ask.Offset, length);
                return new RecordStreamOpened(ask.Id, port, ticket) { Key = key };
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
        if (_reading < ReadsAtOnce && _waiting.TryDequeue(out var next))
        {
            _reading++;
            Begin(next, RecordFileReader.ReadAsync, made: false);
        }
    }

    private void BeginPicture()
    {
        if (!_making && _pictures.TryDequeue(out var next))
        {
            _making = true;
            Begin(next, _make, made: true);
        }
    }

    // Opening a file has no asynchronous form.
    private void Begin(Wanted wanted, Func<string, ReadRecordFile, Task<RecordFileReply>> read, bool made) =>
        Task.Run(() => read(_folder.Path, wanted.Ask))
            .PipeTo(
                Self,
                Self,
                reply => new Done(wanted, made, reply),
                error => new Done(
                    wanted,
                    made,
                    new RecordFileUnreadable(
                        wanted.Ask.Id,
                        $"{wanted.Ask.Record} cannot be read: {error.Message}"
                    )
                )
            );

    private sealed record Wanted(ReadRecordFile Ask, long? Streamed, IActorRef Asker);

    private sealed record Done(Wanted Wanted, bool Made, RecordFileReply Reply);
}
