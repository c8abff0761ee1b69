using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting.Driver;

/// <summary>
/// Drives a farm of up to four nodes in this process by chance: joins, deaths, orderly ends, drains, starts and stops,
/// some of them at once. The nodes, their cluster, shards, singletons and database are the product's, only the media
/// are simulated. After each step the farm has to come to rest as <see cref="FarmModel"/> describes it; what must never
/// be is looked at by <see cref="MediaLedger"/> all the time.
/// </summary>
/// <remarks>A seed decides what is done and to which of the nodes and sessions there are; how the farm's own threads
/// meet differs from run to run.</remarks>
internal sealed partial class FarmDriver(int seed) : IAsyncDisposable
{
    private const int MostNodes = 4;
    private static readonly TimeSpan RestLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(6);

    private readonly Random _random = new(seed);
    private readonly TestFolder _folder = new();
    private readonly MediaLedger _ledger = new();
    private readonly Dictionary<string, TestNode> _nodes = [];
    private readonly List<(int Port, int Slots)> _gone = [];
    private readonly Lock _lock = new();
    private FarmModel _model = new();
    private int _step;
    private int _starts;
    private int _highestId;
    private bool _undisturbed;
    private bool _single;
    private string? _drained;
    private ImmutableList<SessionSummary> _atRest = [];

    /// <summary>What was done, and what the nodes logged meanwhile.</summary>
    public FarmLog Log { get; } = new();

    /// <summary>How many steps had which kinds of action.</summary>
    public Dictionary<string, int> Done { get; } = [];

    /// <summary>Starts the first node.</summary>
    public Task BeginAsync() => StepAsync([JoinAsync(0, 2)]);

    /// <summary>Takes one action by chance, or two at once. Then the farm has to come to rest.</summary>
    public Task StepAsync()
    {
        List<Task> actions = [];
        _undisturbed = true;
        _drained = null;
        _single = _random.Next(2) == 0;
        actions.Add(
            _random.Next(20) switch
            {
                < 2 when _single => StartAsync(1),
                < 6 => StartAsync(1 + _random.Next(4)),
                < 9 => StopAsync(),
                < 12 when _nodes.Count < MostNodes => JoinAsync(),
                < 15 when _nodes.Count > 1 => KillAsync(),
                < 17 when _nodes.Count > 1 => LeaveAsync(),
                _ => DrainAsync(),
            }
        );
        if (!_single)
        {
            actions.Add(
                _random.Next(8) switch
                {
                    < 3 => StartAsync(1 + _random.Next(3)),
                    < 5 => StopAsync(),
                    < 6 when _nodes.Count < MostNodes => JoinAsync(),
                    _ => DrainAsync(),
                }
            );
        }

        return StepAsync(actions);
    }

    /// <summary>With room enough every session records; every one of them can be stopped; and each record that was
    /// written is listed.</summary>
    public async Task EndAsync()
    {
        _undisturbed = true;
        _single = false;
        await StepAsync([
            .. _model.Nodes.Where(node => node.Value.Draining).Select(node => DrainAsync(node.Key, false)),
            JoinAsync(0, 100),
        ]);
        var waiting = _atRest.FindAll(session => session.Phase == SessionPhase.WaitingForRoom);
        Holds(waiting.IsEmpty, $"Sessions wait although there is room: {string.Join("; ", waiting)}");

        await StepAsync([.. _atRest.Where(session => session.Running).Select(session => StopAsync(session.Id.Value))]);
        Holds(
            _ledger.Live.TrueForAll(life => life.Stray),
            $"Media live without a session: {string.Join("; ", _ledger.Live)}"
        );
        await WaitAsync(
            "every record of a living node finalised",
            async () =>
            {
                var open = (await ListAsync())
                    .SelectMany(session => session.Records)
                    .Where(record => !record.Finished && _nodes.ContainsKey(record.Node!))
                    .ToList();
                return open.Count == 0 ? null : string.Join("; ", open);
            }
        );
        var listed = (await ListAsync())
            .SelectMany(session => session.Records)
            .Select(record => record.Path)
            .ToHashSet();
        var unlisted = _ledger.All.FindAll(life => !life.Prepared && !listed.Contains(life.Record));
        Holds(unlisted.IsEmpty, $"Records were written and are not listed: {string.Join("; ", unlisted)}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
        }
        _folder.Dispose();
    }

    private async Task StepAsync(IReadOnlyCollection<Task> actions)
    {
        _step++;
        await Task.WhenAll(actions);
        var before = _atRest.ToDictionary(session => session.Id);
        await WaitAsync("at rest", async () => Model.Unrest(await ViewAsync()));
        foreach (var session in _atRest.Where(session => before.ContainsKey(session.Id)))
        {
            var earlier = before[session.Id];
            Holds(
                session.Attempt >= earlier.Attempt,
                $"Session {session.Id} went back from attempt {earlier.Attempt} to {session.Attempt}."
            );
            Holds(
                !_undisturbed
                    || earlier.Phase != SessionPhase.Recording
                    || (session.Gaps.Count == earlier.Gaps.Count && session.Faults.Count == earlier.Faults.Count),
                $"No node was lost, and session {session.Id} has a new gap or fault: {string.Join("; ", session.Gaps)}; {string.Join("; ", session.Faults)}"
            );
        }

        _ledger.Settle();
    }

    private async Task<FarmView> ViewAsync()
    {
        List<FarmMembers> members = [];
        foreach (var node in _nodes.Values)
        {
            members.Add(await node.Membership.Ask<FarmMembers>(new ListMembers(), AskAgainAfter));
        }
        var asked = AnyNode().Placement;
        var pressure = await asked.Ask<Pressure>(new FindPressure(), AskAgainAfter);
        _atRest = await ListAsync();
        return new FarmView(_atRest, pressure, [.. members], _ledger.Live);
    }

    /// <summary>The sessions of the placement, and the ended ones that it has forgotten.</summary>
    private async Task<ImmutableList<SessionSummary>> ListAsync()
    {
        var node = AnyNode();
        var placed = (await node.Placement.Ask<SessionList>(new ListSessions(), AskAgainAfter)).Sessions;
        var forgotten = new List<SessionSummary>();
        await foreach (
            var session in node.Archive.EndedAsync(new ArchiveRange(0, int.MaxValue, null), 100, CancellationToken.None)
        )
        {
            if (!placed.Exists(one => one.Id == session.Id))
            {
                forgotten.Add(session);
            }
        }
        return [.. placed.Concat(forgotten).OrderBy(session => session.Id.Value)];
    }

    /// <summary>Waits until nothing stands against it, and fails with what still does.</summary>
    private async Task WaitAsync(string what, Func<Task<string?>> look)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            string? reason;
            try
            {
                reason = await look();
            }
            catch (AskTimeoutException timeout)
            {
                reason = timeout.Message;
            }

            Holds(_ledger.Broken.IsEmpty, string.Join("\n", _ledger.Broken));
            if (reason is null)
            {
                return;
            }
            if (Stopwatch.GetElapsedTime(since) > RestLimit)
            {
                throw new TimeoutException($"The farm was not {what} within {RestLimit.TotalSeconds} s: {reason}");
            }
            await Task.Delay(50);
        }
    }

    private FarmModel Model
    {
        get
        {
            lock (_lock)
            {
                return _model;
            }
        }
    }

    /// <summary>The node that something is done to.</summary>
    private string ChosenNode() => Model.Nodes.Keys.ElementAt(_random.Next(Model.Nodes.Count));

    /// <summary>The node that is asked, of which none should make a difference.</summary>
    private TestNode AnyNode()
    {
        lock (_lock)
        {
            return _nodes[_model.Nodes.Keys.ElementAt(Random.Shared.Next(_model.Nodes.Count))];
        }
    }

    private void Change(int id, Func<KnownSession, KnownSession> change)
    {
        lock (_lock)
        {
            _model = _model.With(id, change);
        }
    }

    private void Tell(string kind, string what)
    {
        Done[kind] = Done.GetValueOrDefault(kind) + 1;
        Log.Write($"STEP {_step + 1}: {kind} {what}");
    }

    private static void Holds(bool condition, string what) => Assert.True(condition, what);
}
