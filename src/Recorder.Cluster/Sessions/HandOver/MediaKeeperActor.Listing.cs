using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.HandOver;

/// <summary>What the keeper tells the placement: the sessions that it keeps media for, and the records that no
/// session adopted.</summary>
internal sealed partial class MediaKeeperActor
{
    private ImmutableList<RecordLeft> _left = [];

    private void TellPlacement()
    {
        foreach (var kept in _kept.Values.Where(kept => kept.HoldsRoom))
        {
            _placement.Tell(new MediaKept(kept.Ask.Id, _node));
        }
        foreach (var left in _left)
        {
            _placement.Tell(left);
        }
        if (_kept.Values.Any(kept => kept.HoldsRoom) || !_left.IsEmpty)
        {
            Timers.StartSingleTimer(nameof(TellDue), new TellDue(), TellInterval);
        }
    }

    private void OnListed(RecordListed listed)
    {
        if (
            _left.RemoveAll(left => left.Id == listed.Id && left.Path == listed.Path) is var others
            && others.Count == _left.Count
        )
        {
            return;
        }
        _left = others;
        _log.Info("Session {0}: {1}, which nobody took up, is in its list", listed.Id, listed.Path);
    }

    private void Remove(string path)
    {
        try
        {
            File.Delete(path);
            if (Directory.Exists(HlsFiles.FolderOf(path)))
            {
                Directory.Delete(HlsFiles.FolderOf(path), recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.Warning("{0}, which no session needs, could not be removed: {1}", path, error.Message);
        }
    }

    private sealed record TellDue;
}
