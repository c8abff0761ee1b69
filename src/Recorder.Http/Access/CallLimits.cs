using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>
/// How often callers may call, so that a caller who floods this node costs the others little. Where calls need no key,
/// only this machine may call, and nothing is counted.
/// </summary>
internal sealed class CallLimits : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>How many seconds' changes may come at once, since meetings begin at the full hour.</summary>
    private const int SecondsAtOnce = 10;

    private readonly PartitionedRateLimiter<string> _calls;
    private readonly PartitionedRateLimiter<string> _changes;
    private readonly PartitionedRateLimiter<string> _unknownKeys;
    private readonly PartitionedRateLimiter<(string Key, int PerMinute)> _starts;

    /// <summary>After how long one more unknown key is looked at.</summary>
    private readonly TimeSpan _unknownKeyInterval;

    public CallLimits(HttpOptions options)
    {
        _calls = Limiter(options.CallsPerSecond, options.CallsPerSecond, Second);
        _changes = Limiter(options.ChangesPerSecond * SecondsAtOnce, options.ChangesPerSecond, Second);
        _unknownKeyInterval = TimeSpan.FromMinutes(1) / options.UnknownKeysPerMinute;
        _unknownKeys = Limiter(options.UnknownKeysPerMinute, 1, _unknownKeyInterval);
        _starts = PartitionedRateLimiter.Create<(string Key, int PerMinute), (string Key, int PerMinute)>(starter =>
            RateLimitPartition.GetTokenBucketLimiter(
                starter,
                _ => Bucket(starter.PerMinute, 1, TimeSpan.FromMinutes(1) / starter.PerMinute)
            )
        );
    }

    /// <summary>The address by which a caller without a key is counted. Whoever has an address of IP version 6 usually
    /// has the 2⁶⁴ addresses of its network (RFC 6177), so they count as one.</summary>
    /// <param name="address">The caller's end of the connection; null for a Unix socket.</param>
    public static string CallerAt(IPAddress? address)
    {
        if (address is null)
        {
            return "this machine";
        }
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(plain.GetAddressBytes().AsSpan(0, 8))
            : plain.ToString();
    }

    /// <summary>Counts a call.</summary>
    /// <param name="caller">The name of the caller's key, or <see cref="CallerAt"/>.</param>
    /// <param name="changes">Whether the call may change something.</param>
    /// <returns>How long the caller has to wait before the next call; null when this call may pass.</returns>
    public TimeSpan? WaitOf(string caller, bool changes) =>
        Taken(_calls, caller) ?? (changes ? Taken(_changes, caller) : null);

    /// <summary>How long unknown keys of an address are refused unheard; null when they are not. A right key always
    /// passes: a key cannot be guessed, and whoever shares an address with a flood of wrong keys, as behind a proxy,
    /// must not be kept out.</summary>
    /// <param name="address"><see cref="CallerAt"/>.</param>
    public TimeSpan? WaitOfUnknownKeys(string address) =>
        // A lease of no permits is had while a part of a permit is there, so the whole permits are counted instead.
        _unknownKeys.GetStatistics(address) is { CurrentAvailablePermits: < 1 } ? _unknownKeyInterval : null;

    /// <summary>Counts an unknown key from an address.</summary>
    /// <returns>Whether further unknown keys of the address are refused from now on.</returns>
    public bool CountUnknown(string address)
    {
        using var lease = _unknownKeys.AttemptAcquire(address);
        return WaitOfUnknownKeys(address) is not null;
    }

    /// <summary>Counts a start by a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>How long the caller has to wait before the next start; null when this start may pass.</returns>
    public TimeSpan? WaitOfStart(ApiKey key) =>
        key.Limits.StartsPerMinute > 0 ? Taken(_starts, (key.Name, key.Limits.StartsPerMinute)) : null;

    public void Dispose()
    {
        _calls.Dispose();
        _changes.Dispose();
        _unknownKeys.Dispose();
        _starts.Dispose();
    }

    private static PartitionedRateLimiter<string> Limiter(int atOnce, int perPeriod, TimeSpan period) =>
        PartitionedRateLimiter.Create<string, string>(caller =>
            RateLimitPartition.GetTokenBucketLimiter(caller, _ => Bucket(atOnce, perPeriod, period))
        );

    private static TokenBucketRateLimiterOptions Bucket(int atOnce, int perPeriod, TimeSpan period) =>
        new()
        {
            TokenLimit = atOnce,
            TokensPerPeriod = perPeriod,
            ReplenishmentPeriod = period,
            QueueLimit = 0,
        };

    private static TimeSpan? Taken<TCaller>(PartitionedRateLimiter<TCaller> limiter, TCaller caller)
    {
        using var lease = limiter.AttemptAcquire(caller);
        return lease.IsAcquired ? null : WaitIn(lease);
    }

    private static TimeSpan WaitIn(RateLimitLease lease) =>
        lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > Second ? wait : Second;
}
