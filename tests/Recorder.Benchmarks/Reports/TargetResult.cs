namespace Recorder.Benchmarks.Reports;

/// <summary>One target of the product.</summary>
/// <param name="Page">The page it is for.</param>
/// <param name="What">What is measured.</param>
/// <param name="Limit">The target.</param>
/// <param name="AtLeast">Whether the limit is a lower one.</param>
/// <param name="Measured">The figure, of several runs their median; null where a side was not measured.</param>
internal sealed record TargetResult(string Page, string What, double Limit, bool AtLeast, double? Measured)
{
    /// <summary>Null where nothing was measured.</summary>
    public bool? Reached => Measured is { } measured ? (AtLeast ? measured >= Limit : measured <= Limit) : null;
}
