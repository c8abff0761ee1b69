using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Writes the manifests of this node's records for their sessions, on whatever node the sessions run. Records are
/// read one at a time, on a separate thread of low priority. Hours of video are read in seconds, and a hanging disk
/// holds up only this one thread.
/// </summary>
internal sealed class ManifestServiceActor : ReceiveActor
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "record-manifests";

    private readonly IRecordsFolder _folder;
    private readonly Func<string, RecordManifest, ManifestReply> _write;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>The manifests to write, oldest first; the first is being written.</summary>
    private readonly List<Job> _jobs = [];
    private readonly List<IActorRef> _awaitingRest = [];

    /// <param name="folder">The node's records folder.</param>
    /// <param name="write">Writes one manifest, and blocks its thread meanwhile.</param>
    public ManifestServiceActor(IRecordsFolder folder, Func<string, RecordManifest, ManifestReply> write)
    {
        _folder = folder;
        _write = write;
        Receive<WriteManifest>(OnWrite);
        Receive<Done>(done => OnDone(done.Reply));
        Receive<AwaitRest>(_ =>
        {
            _awaitingRest.Add(Sender);
            TellRest();
        });
    }

    /// <param name="folder">The node's records folder.</param>
    public static Props Props(IRecordsFolder folder) =>
        Akka.Actor.Props.Create(() => new ManifestServiceActor(folder, ManifestFile.Write));

    private void OnWrite(WriteManifest ask)
    {
        if (RecordPresence.WhyAway(_folder, _folder.Standing, ask.Folder) is { } away)
        {
            Sender.Tell(new ManifestFailed(ask.Path, NotYet(ask.Path, away), MayPass: true));
            return;
        }
        var name = Path.GetFileName(ask.Path);
        if (
            (ask.Folder is null && Path.GetDirectoryName(Path.GetFullPath(ask.Path)) != _folder.Path)
            || !RecordPath.IsNameOf(ask.Manifest.Session, name)
            || ask.Manifest.Record != name
        )
        {
            Sender.Tell(
                new ManifestFailed(
                    ask.Path,
                    $"{ask.Path} is no record of session {ask.Manifest.Session} in this node's records folder {_folder.Path}; no manifest is written for it.",
                    MayPass: false
                )
            );
            return;
        }

        if (_jobs.Find(job => job.Ask.Path == ask.Path) is { } known)
        {
            known.Askers.Add(Sender);
            return;
        }

        _jobs.Add(new Job(ask, [Sender]));
        if (_jobs.Count == 1)
        {
            Begin();
        }
    }

    private void Begin()
    {
        var ask = _jobs[0].Ask;
        var (write, folder) = (_write, _folder);
        var path = ask.Folder is null ? ask.Path : Path.Join(folder.Path, Path.GetFileName(ask.Path));
        Task.Factory.StartNew(
                () =>
                {
                    ManifestFile.LowerPriority();
                    var reply = write(path, ask.Manifest) with { Path = ask.Path };

                    // A folder that went away meanwhile says nothing about its files.
                    return
                        reply is ManifestFailed { MayPass: false }
                        && ask.Folder is not null
                        && RecordPresence.WhyAway(folder, folder.Look(), ask.Folder) is { } away
                        ? new ManifestFailed(ask.Path, NotYet(ask.Path, away), MayPass: true)
                        : reply;
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
            .PipeTo(
                Self,
                success: reply => new Done(reply),
                failure: error => new Done(
                    new ManifestFailed(
                        ask.Path,
                        $"The manifest of {ask.Path} cannot be written: {error.GetBaseException().Message}",
                        MayPass: false
                    )
                )
            );
    }

    private static string NotYet(string record, string why) =>
        $"The manifest of {record} cannot be written yet, which is tried again: {why}";

    private void OnDone(ManifestReply reply)
    {
        var done = _jobs[0];
        _jobs.RemoveAt(0);
        if (reply is ManifestFailed failed)
        {
            _log.Warning("Session {0}: {1}", done.Ask.Manifest.Session, failed.Message);
        }
        foreach (var asker in done.Askers)
        {
            asker.Tell(reply);
        }
        if (_jobs.Count > 0)
        {
            Begin();
        }
        TellRest();
    }

    private void TellRest()
    {
        if (_jobs.Count > 0)
        {
            return;
        }
        foreach (var asker in _awaitingRest)
        {
            asker.Tell(AtRest.Instance);
        }
        _awaitingRest.Clear();
    }

    private sealed record Job(WriteManifest Ask, HashSet<IActorRef> Askers);

    private sealed record Done(ManifestReply Reply);

    /// <summary>Answer with <see cref="AtRest"/> as soon as there is no manifest to write.</summary>
    public sealed record AwaitRest
    {
        /// <summary>The message.</summary>
        public static AwaitRest Instance { get; } = new();
    }

    /// <summary>There is no manifest to write.</summary>
    public sealed record AtRest
    {
        /// <summary>The message.</summary>
        public static AtRest Instance { get; } = new();
    }
}
