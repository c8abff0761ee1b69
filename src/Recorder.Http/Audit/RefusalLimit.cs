using System.Threading.RateLimiting;

namespace Recorder.Http.Audit;

/// <summary>How many refused calls have a line of their own in the audit. Whoever may not call must not fill log or
/// database, with however many addresses.</summary>
internal sealed class RefusalLimit : IDisposable
{
    /// <summary>The most lines of one address in a minute.</summary>
    public const int OfAddress = 10;

    /// <summary>The most lines in a minute.</summary>
    public const int OfAll = 100;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<string> _ofAddress = PartitionedRateLimiter.Create<string, string>(
        address => RateLimitPartition.GetTokenBucketLimiter(address, _ => Bucket(OfAddress))
    );
    private readonly TokenBucketRateLimiter _ofAll = new(Bucket(OfAll));

    /// <summary>Whether one more refused call has a line.</summary>
    /// <param name="address">The caller's address.</param>
    public bool TryTake(string address)
    {
        using var own = _ofAddress.AttemptAcquire(address);
        if (!own.IsAcquired)
        {
            return false;
        }
        using var all = _ofAll.AttemptAcquire();
        return all.IsAcquired;
    }

    public void Dispose()
    {
        _ofAddress.Dispose();
        _ofAll.Dispose();
    }

    private static TokenBucketRateLimiterOptions Bucket(int most) =>
        new()
        {
            TokenLimit = most,
            TokensPerPeriod = most,
            ReplenishmentPeriod = Minute,
            QueueLimit = 0,
        };
}
