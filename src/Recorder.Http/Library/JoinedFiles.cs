using System.Collections.Concurrent;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Worker.Files.Joining;

namespace Recorder.Http.Library;

/// <summary>
/// The plans of joined files that were asked for lately: a player asks for many ranges of one file. Plans depend on the
/// records alone, so an edge without the plan makes the same one. Why records cannot be joined is kept too. The indexes
/// of long records take much memory while they are joined, so few plans are made at once, and of each node's records
/// only one: a slow node holds up its own records.
/// </summary>
internal sealed class JoinedFiles(TimeProvider clock) : IDisposable
{
    /// <summary>How many plans are made at once.</summary>
    public const int AtOnce = 2;

    /// <summary>How long a plan may take, with the wait for other plans.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly JoinedPlans _plans = new(clock);
    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _nodes = new(StringComparer.Ordinal);

    /// <summary>A plan that is kept, or a new one.</summary>
    /// <param name="tag">The tag of the joined file, which tells its content.</param>
    /// <param name="nodes">The nodes that hold the records.</param>
    /// <param name="plan">Makes the plan, and ends early when its token is cancelled.</param>
    /// <param name="aborted">Ends the wait for other plans.</param>
    /// <exception cref="NotJoinableException">The records cannot be one file.</exception>
    /// <exception cref="RefusedException">The plan took longer than <see cref="Limit"/>.</exception>
    public async Task<JoinedFile> GetAsync(
        string tag,
        IReadOnlyCollection<string> nodes,
        Func<CancellationToken, Task<JoinedFile>> plan,
        CancellationToken aborted
    )
    {
        if (_plans.Find(tag) is { } known)
        {
            return known.OrThrow();
        }
        using var late = new CancellationTokenSource(Limit, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(late.Token, aborted);
        var held = new Stack<SemaphoreSlim>();
        try
        {
            // In one order, so that two plans of the same nodes never wait for each other.
            foreach (var node in nodes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                await HoldAsync(_nodes.GetOrAdd(node, _ => new SemaphoreSlim(1)));
            }
            await HoldAsync(_places);
            if (_plans.Find(tag) is { } meanwhile)
            {
                return meanwhile.OrThrow();
            }
            return _plans.Keep(tag, await MakeAsync(plan, limit.Token)).OrThrow();
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            throw new RefusedException(
                new EdgeRefusal(
                    FaultCode.Unavailable,
                    $"The indexes of the records could not be read within {Limit.TotalSeconds:0} s; try again in a few seconds."
                )
                {
                    RetryAfter = TimeSpan.FromSeconds(5),
                }
            );
        }
        finally
        {
            while (held.TryPop(out var one))
            {
                one.Release();
            }
        }

        async Task HoldAsync(SemaphoreSlim one)
        {
            await one.WaitAsync(limit.Token);
            held.Push(one);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _places.Dispose();
        foreach (var node in _nodes.Values)
        {
            node.Dispose();
        }
    }

    private static async Task<JoinedPlan> MakeAsync(
        Func<CancellationToken, Task<JoinedFile>> plan,
        CancellationToken limit
    )
    {
        try
        {
            // A question to a node is not taken back, so the wait ends before its answer.
            return new JoinedPlan(await plan(limit).WaitAsync(limit), null);
        }
        catch (NotJoinableException error)
        {
            return new JoinedPlan(null, error.Message);
        }
    }
}
