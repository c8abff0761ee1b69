using System.Diagnostics;

namespace Recorder.Harness;

/// <summary>Waiting for what happens in another process, always with a limit that says what it waited for.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks every 100 ms until <paramref name="look"/> finds something.</summary>
    /// <param name="what">What is awaited, as in "the second record is open".</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="look">What is awaited, or null while it is not there. An answer that never comes counts as
    /// null.</param>
    /// <param name="seen">What there was instead, for the message.</param>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public static async Task<T> SeeAsync<T>(string what, TimeSpan limit, Func<Task<T?>> look, Func<string>? seen = null)
        where T : class
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }
            if (Stopwatch.GetElapsedTime(since) > limit)
            {
                throw new TimeoutException(
                    $"Waited {limit.TotalSeconds:0.#} s for this: {what}.{(seen is null ? "" : $" Seen instead: {seen()}")}"
                );
            }
            await Task.Delay(Interval);
        }
    }

    /// <summary>Looks every 100 ms until it is so.</summary>
    public static Task BeAsync(string what, TimeSpan limit, Func<Task<bool>> look, Func<string>? seen = null) =>
        SeeAsync<object>(what, limit, async () => await look() ? what : null, seen);

    /// <summary>Looks every 100 ms until it is so.</summary>
    public static Task BeAsync(string what, TimeSpan limit, Func<bool> look, Func<string>? seen = null) =>
        BeAsync(what, limit, () => Task.FromResult(look()), seen);
}
