using Recorder.Worker.Files.Joining;

namespace Recorder.Http.Library;

/// <summary>How records become one file, or why they cannot.</summary>
/// <param name="File">The joined file; null when the records cannot be one file.</param>
/// <param name="Why">The reason, as one sentence; null when there is a file.</param>
internal sealed record JoinedPlan(JoinedFile? File, string? Why)
{
    /// <summary>How many bytes of memory the plan takes, about.</summary>
    public long Bytes => 256 + (File?.Pieces.Sum(piece => 64L + piece.Own.Length) ?? 0);

    /// <summary>The joined file.</summary>
    /// <exception cref="NotJoinableException">The records cannot be one file.</exception>
    public JoinedFile OrThrow() => File ?? throw new NotJoinableException(Why!);
}

/// <summary>The plans that were used last. The newest plan is kept whatever its size, for a player's next range; the
/// others as far as there is room.</summary>
/// <param name="clock">Says how long nobody has asked for a plan.</param>
internal sealed class JoinedPlans(TimeProvider clock)
{
    /// <summary>How many bytes of plans are kept.</summary>
    public const long MostBytes = 128L << 20;

    /// <summary>How long a plan is kept that nobody asks for.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();

    /// <summary>The plans, the one that was used last in front.</summary>
    private readonly LinkedList<(string Tag, JoinedPlan Plan, long UsedAt)> _plans = [];

    /// <summary>How many plans are kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _plans.Count;
            }
        }
    }

    /// <summary>A plan that is kept; null when there is none.</summary>
    /// <param name="tag">The tag of the joined file.</param>
    public JoinedPlan? Find(string tag)
    {
        lock (_lock)
        {
            Forget(long.MaxValue);
            for (var node = _plans.First; node is not null; node = node.Next)
            {
                if (node.Value.Tag == tag)
                {
                    _plans.Remove(node);
                    _plans.AddFirst((tag, node.Value.Plan, clock.GetTimestamp()));
                    return node.Value.Plan;
                }
            }
            return null;
        }
    }

    /// <summary>Keeps a plan.</summary>
    /// <param name="tag">The tag of the joined file.</param>
    /// <param name="plan">The plan.</param>
    /// <returns>The same plan.</returns>
    public JoinedPlan Keep(string tag, JoinedPlan plan)
    {
        lock (_lock)
        {
            Forget(MostBytes - plan.Bytes);
            _plans.AddFirst((tag, plan, clock.GetTimestamp()));
            return plan;
        }
    }

    /// <summary>Forgets what nobody has asked for, and what has no room.</summary>
    private void Forget(long room)
    {
        var bytes = _plans.Sum(one => one.Plan.Bytes);
        while (_plans.Last is { } last && (bytes > room || clock.GetElapsedTime(last.Value.UsedAt) > Kept))
        {
            bytes -= last.Value.Plan.Bytes;
            _plans.RemoveLast();
        }
    }
}
