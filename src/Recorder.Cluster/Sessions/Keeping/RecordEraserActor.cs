using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Keeping;

/// <summary>
/// Removes the files of this node's records for their sessions, on whatever node the sessions run. One record at a
/// time, on a thread of its own: a hanging disk holds up only this one thread.
/// </summary>
internal sealed class RecordEraserActor : ReceiveActor
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "record-eraser";

    private readonly IRecordsFolder _folder;
    private readonly Func<string, SessionId, string, bool, string?> _erase;
    private readonly List<(EraseFiles Ask, HashSet<IActorRef> Askers)> _jobs = [];

    /// <param name="folder">The node's records folder.</param>
    /// <param name="erase">Removes the files of one record, and blocks its thread meanwhile: see
    /// <see cref="RecordErasure.Erase"/>.</param>
    public RecordEraserActor(IRecordsFolder folder, Func<string, SessionId, string, bool, string?> erase)
    {
        _folder = folder;
        _erase = erase;
        Receive<EraseFiles>(OnAsk);
        Receive<EraseFilesReply>(OnDone);
    }

    /// <param name="folder">The node's records folder.</param>
    public static Props Props(IRecordsFolder folder) =>
        Akka.Actor.Props.Create(() => new RecordEraserActor(folder, RecordErasure.Erase));

    private void OnAsk(EraseFiles ask)
    {
        // Another node may have the folder, so this one says nothing.
        if (
            RecordPresence.WhyAway(_folder, _folder.Standing, ask.Folder) is not null
            || (ask.Folder is null && Path.GetDirectoryName(Path.GetFullPath(ask.Path)) != _folder.Path)
        )
        {
            return;
        }
        if (_jobs.Find(job => job.Ask == ask) is { Askers: { } askers })
        {
            askers.Add(Sender);
            return;
        }
        _jobs.Add((ask, [Sender]));
        if (_jobs.Count == 1)
        {
            Begin();
        }
    }

    private void Begin()
    {
        var ask = _jobs[0].Ask;
        var (erase, folder) = (_erase, _folder);
        Task.Factory.StartNew<EraseFilesReply>(
                () =>
                {
                    // Nothing is removed from a folder that only stands where the record's folder was.
                    if (RecordPresence.WhyAway(folder, folder.Look(), ask.Folder) is { } away)
                    {
                        return new FilesNotErased(ask.Path, away);
                    }
                    return erase(folder.Path, ask.Id, Path.GetFileName(ask.Path), ask.Manifest) is { } obstacle
                        ? new FilesNotErased(ask.Path, obstacle)
                        : new FilesErased(ask.Path);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
            .PipeTo(
                Self,
                failure: error => new FilesNotErased(
                    ask.Path,
                    $"{ask.Path} could not be erased: {error.GetBaseException().Message}"
                )
            );
    }

    private void OnDone(EraseFilesReply reply)
    {
        foreach (var asker in _jobs[0].Askers)
        {
            asker.Tell(reply);
        }
        _jobs.RemoveAt(0);
        if (_jobs.Count > 0)
        {
            Begin();
        }
    }
}
