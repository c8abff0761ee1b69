using Akka.Actor;
using Akka.Event;

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

    private readonly string _folder;
    private readonly Func<string, RecordManifest, ManifestReply> _write;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>The manifests to write, oldest first; the first is being written.</summary>
    private readonly List<Job> _jobs = [];
    private readonly List<IActorRef> _awaitingRest = [];

    /// <param name="recordsFolder">The node's records folder, as an absolute path.</param>
    /// <param name="write">Writes one manifest, and blocks its thread meanwhile.</param>
    public ManifestServiceActor(string recordsFolder, Func<string, RecordManifest, ManifestReply> write)
    {
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(recordsFolder));
        _write = write;
        Receive<WriteManifest>(OnWrite);
        Receive<Done>(done => OnDone(done.Reply));
        Receive<AwaitRest>(_ =>
        {
            _awaitingRest.Add(Sender);
            TellRest();
        });
    }

    /// <param name="recordsFolder">The node's records folder, as an absolute path.</param>
    public static Props Props(string recordsFolder) =>
        Akka.Actor.Props.Create(() => new ManifestServiceActor(recordsFolder, ManifestFile.Write));

    private void OnWrite(WriteManifest ask)
    {
        var name = Path.GetFileName(ask.Path);
        if (
            Path.GetDirectoryName(Path.GetFullPath(ask.Path)) != _folder
            || !RecordPath.IsNameOf(ask.Manifest.Session, name)
            || ask.Manifest.Record != name
        )
        {
            Sender.Tell(
                new ManifestFailed(
                    ask.Path,
                    $"{ask.Path} is no record of session {ask.Manifest.Session} in this node's records folder {_folder}; no manifest is written for it.",
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
        var write = _write;
        Task.Factory.StartNew(
                () =>
                {
                    ManifestFile.LowerPriority();
                    return write(ask.Path, ask.Manifest);
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
