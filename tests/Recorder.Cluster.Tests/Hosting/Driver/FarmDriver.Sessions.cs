using System.Diagnostics;
using Akka.Actor;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting.Driver;

/// <summary>What is done to sessions, and asked of the farm.</summary>
internal sealed partial class FarmDriver
{
    private async Task StartAsync(int count)
    {
        var starts = Enumerable.Range(0, count).Select(_ => (Spec: NextSpec(), WithKey: _random.Next(2) == 0)).ToList();
        _single &= count == 1;
        Tell("start", $"{count} at once, of {string.Join(", ", starts.Select(start => SessionCost.Of(start.Spec)))}");
        await Task.WhenAll(
            starts
                .Select(start => StartAsync(AnyNode(), start.Spec, start.WithKey ? $"key of {start.Spec.Page}" : null))
                .ToList()
        );
    }

    private async Task StartAsync(TestNode node, PageSessionSpec spec, string? key)
    {
        var highest = Volatile.Read(ref _highestId);
        var reply = await AskAsync<AdmissionReply>(
            node,
            "an admission",
            other => other.Placement,
            () => new AdmitSession(spec, key),
            again: key is not null
        );
        if (_single)
        {
            LookAtChoice(spec, reply);
        }
        if (reply is not SessionAdmitted admitted)
        {
            // Without a key it cannot be asked again whether it was admitted; it would end as a start that nobody heard
            // of.
            Log.Write($"start {spec.Page.Segments[^1]}: {reply}");
            return;
        }

        lock (_lock)
        {
            Holds(!_model.Sessions.ContainsKey(admitted.Id.Value), $"Id {admitted.Id} was given twice.");
            Holds(admitted.Id.Value > highest, $"Id {admitted.Id} was given after {highest}.");
            _highestId = Math.Max(_highestId, admitted.Id.Value);
            _model = _model with { Sessions = _model.Sessions.Add(admitted.Id.Value, new KnownSession(spec)) };
        }

        var (shard, home) = (admitted.Shard, admitted.Node);
        var started = await AskAsync<StartReply>(
            node,
            $"the start of session {admitted.Id}",
            other => other.Sessions,
            () => new StartSession(admitted.Id, spec) { Node = home }.To(shard),
            again: true,
            async other =>
            {
                if (
                    await TryAskAsync<LocationReply>(other.Placement, new FindSession(admitted.Id))
                    is SessionLocation location
                )
                {
                    (shard, home) = (location.Shard, location.Summary.Node);
                }
            }
        );
        Log.Write($"start {admitted}: {started}");
        if (_single)
        {
            var where = (await ListAsync()).Find(session => session.Id == admitted.Id)?.Node;
            Holds(where == admitted.Node, $"Session {admitted.Id} was to start on {admitted.Node} and is on {where}.");
        }

        Change(
            admitted.Id.Value,
            known => started is SessionRecords ? known with { Started = true } : known with { Ended = true }
        );
        if (key is null)
        {
            return;
        }

        var again = await AskAsync<AdmissionReply>(
            AnyNode(),
            "an admission by a known key",
            other => other.Placement,
            () => new AdmitSession(spec, key),
            again: true
        );
        Holds(
            again is SessionAdmitted same && same.Id == admitted.Id,
            $"Key {key} started session {admitted.Id}, and now answers {again}."
        );
    }

    /// <summary>A start that nothing else goes on beside is accepted exactly when there is room, and where there
    /// is.</summary>
    private void LookAtChoice(PageSessionSpec spec, AdmissionReply? reply)
    {
        var open = Model.NodesWithRoom(_atRest, SessionCost.Of(spec)).ToList();
        Holds(
            reply is SessionAdmitted admitted ? open.Contains(admitted.Node) : open.Count == 0,
            $"There is room on {(open.Count == 0 ? "no node" : string.Join(", ", open))}, and the answer to a start is {reply}."
        );
    }

    private Task StopAsync()
    {
        var lasting = Model.Lasting;
        return lasting.IsEmpty ? StartAsync(1) : StopAsync(lasting[_random.Next(lasting.Count)]);
    }

    private async Task StopAsync(int id)
    {
        Tell("stop", $"session {id}");
        Change(id, known => known with { StopAsked = true });
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var node = AnyNode();
            var reply = await TryAskAsync<LocationReply>(node.Placement, new FindSession(new SessionId(id)))
                is SessionLocation location
                ? await TryAskAsync<StopReply>(node.Sessions, new StopSession(location.Id).To(location.Shard))
                : null;
            if (
                reply is StopDone
                || await node.Archive.FindAsync(new SessionId(id), CancellationToken.None) is not null
            )
            {
                break;
            }
            if (Stopwatch.GetElapsedTime(since) > AnswerLimit)
            {
                throw new TimeoutException(
                    $"Session {id} was not stopped within {AnswerLimit.TotalSeconds} s: {reply}"
                );
            }
        }

        Change(id, known => known with { Ended = true });
    }

    /// <summary>Asks until there is an answer, each time another node.</summary>
    private async Task<T?> AskAsync<T>(
        TestNode node,
        string what,
        Func<TestNode, IActorRef> whom,
        Func<object> message,
        bool again,
        Func<TestNode, Task>? before = null
    )
        where T : class
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await TryAskAsync<T>(whom(node), message()) is { } reply)
            {
                return reply;
            }
            if (!again)
            {
                return null;
            }
            if (Stopwatch.GetElapsedTime(since) > AnswerLimit)
            {
                throw new TimeoutException($"There was no answer to {what} within {AnswerLimit.TotalSeconds} s.");
            }
            node = AnyNode();
            if (before is not null)
            {
                await before(node);
            }
        }
    }

    private static async Task<T?> TryAskAsync<T>(IActorRef actor, object message)
        where T : class
    {
        try
        {
            return await actor.Ask<T>(message, AskAgainAfter);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
        catch (TaskCanceledException)
        {
            // The node that was asked is gone.
            return null;
        }
    }

    private PageSessionSpec NextSpec()
    {
        var page = new Uri($"https://example.org/room-{++_starts}");
        return _random.Next(3) == 0
            ? new PageSessionSpec(page)
            {
                Video = new VideoSettings
                {
                    Width = 640,
                    Height = 360,
                    Framerate = 15,
                },
            }
            : new PageSessionSpec(page);
    }
}
