namespace Recorder.Node.Browsing;

/// <summary>When a lost browser is started again: at once, then with doubling pauses, for as long as its session
/// lasts.</summary>
internal static class BrowserRetry
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <summary>The pause before the next start.</summary>
    /// <param name="failures">Starts that have failed since the browser was lost, 0 or more.</param>
    public static TimeSpan Pause(int failures) =>
        failures switch
        {
            <= 0 => TimeSpan.Zero,
            >= 5 => Longest,
            _ => TimeSpan.FromSeconds(1 << (failures - 1)),
        };

    /// <summary>Whether the next start gets a fresh profile, because the old profile may cause the failures. Otherwise
    /// the browser keeps the data that the page stored.</summary>
    public static bool FreshProfile(int failures) => failures >= 2;
}
