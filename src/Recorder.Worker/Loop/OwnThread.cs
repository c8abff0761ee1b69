namespace Recorder.Worker.Loop;

/// <summary>Work that blocks, on a thread of its own: it may hang without holding up anything else.</summary>
internal static class OwnThread
{
    /// <summary>Does the work.</summary>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Does the work, and goes on without it when it takes too long.</summary>
    /// <returns>False: it hangs.</returns>
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
