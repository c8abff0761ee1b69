using Microsoft.Extensions.Caching.Memory;
using Recorder.Worker.Files.Joining;

namespace Recorder.Http.Library;

/// <summary>The plans of joined files that were asked for lately: a player asks for many ranges of one file. Plans
/// depend on the records alone, so an edge without the plan makes the same one.</summary>
internal sealed class JoinedFiles : IDisposable
{
    /// <summary>How many bytes of plans are kept.</summary>
    private const long MostBytes = 64 << 20;

    /// <summary>How long a plan is kept that nobody asks for.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _plans = new(new MemoryCacheOptions { SizeLimit = MostBytes });

    // The indexes of long records take much memory while they are joined.
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>A plan that is kept, or a new one.</summary>
    /// <param name="tag">The tag of the joined file, which tells its content.</param>
    /// <param name="plan">Makes the plan.</param>
    /// <param name="aborted">Ends the wait for other plans.</param>
    public async Task<JoinedFile> GetAsync(string tag, Func<Task<JoinedFile>> plan, CancellationToken aborted)
    {
        if (_plans.TryGetValue(tag, out JoinedFile? known) && known is not null)
        {
            return known;
        }
        await _oneAtATime.WaitAsync(aborted);
        try
        {
            if (_plans.TryGetValue(tag, out known) && known is not null)
            {
                return known;
            }
            var made = await plan();
            return _plans.Set(
                tag,
                made,
                new MemoryCacheEntryOptions
                {
                    Size = made.Pieces.Sum(piece => 64L + piece.Own.Length),
                    SlidingExpiration = Kept,
                }
            );
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plans.Dispose();
        _oneAtATime.Dispose();
    }
}
