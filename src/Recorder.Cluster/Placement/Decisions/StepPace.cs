namespace Recorder.Cluster.Placement.Decisions;

/// <summary>
/// How large the next step of upkeep is. The placement answers nobody during a step. What a session costs in a step
/// grows with the farm, so the size follows the time that the step before took. Pure.
/// </summary>
/// <param name="Size">The most sessions of each kind that a step is about.</param>
internal readonly record struct StepPace(int Size)
{
    /// <summary>The fewest sessions of a step.</summary>
    public const int Least = 5;

    /// <summary>The most sessions of a step. Their events are taken one by one after the write.</summary>
    public const int Most = 100;

    /// <summary>The time that a step is to take.</summary>
    public static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(8);

    /// <summary>The pace before anything is known.</summary>
    public static readonly StepPace First = new(25);

    /// <summary>The pace after a full step. The size at most doubles or halves, since a single step may have been
    /// hindered by something else.</summary>
    /// <param name="took">How long the decision took.</param>
    public StepPace After(TimeSpan took)
    {
        var fitting = took <= TimeSpan.Zero ? Most : Size * (Aim / took);
        return new StepPace((int)Math.Clamp(Math.Clamp(fitting, Size / 2.0, Size * 2.0), Least, Most));
    }
}
