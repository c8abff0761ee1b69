namespace Recorder.Worker.Loop;

/// <summary>Runs blocking work on a thread of its own, so that a hanging call holds up nothing else.</summary>
internal static class OwnThread
{
    /// <summary>Does the work and gives its result.</summary>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Does the work, and stops waiting for the work after <paramref name="limit"/>.</summary>
    /// <returns>False: the work had not ended within the limit.</returns>
    public static async Task<bool> EndsAsync(Action work, TimeSpan limit, TimeProvider time)
    {
        var running = RunAsync(() =>
        {
            work();
            return true;
        });
        try
        {
            return await running.WaitAsync(limit, time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
