using System.Net;
using Recorder.Http.Access;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Access;

public sealed class CallLimitsTests
{
    [Theory]
    [InlineData(null, "this machine")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3::4", "20010db800010002")]
    [InlineData("2001:db8:1:2:ffff::5", "20010db800010002")]
    public void A_caller_is_counted_by_address_or_by_network(string? address, string caller) =>
        Assert.Equal(caller, CallLimits.CallerAt(address is null ? null : IPAddress.Parse(address)));

    [Fact]
    public void A_caller_that_calls_too_often_has_to_wait_and_others_have_not()
    {
        using var limits = new CallLimits(new HttpOptions { CallsPerSecond = 3 });

        Assert.All(Enumerable.Range(0, 3), _ => Assert.Null(limits.WaitOf("lectures", changes: false)));
        Assert.Equal(TimeSpan.FromSeconds(1), limits.WaitOf("lectures", changes: false));
        Assert.Null(limits.WaitOf("exams", changes: false));
    }

    [Fact]
    public void Ten_seconds_of_changes_may_come_at_once_and_reading_goes_on_after_them()
    {
        using var limits = new CallLimits(new HttpOptions { ChangesPerSecond = 2 });

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Null(limits.WaitOf("lectures", changes: true)));
        Assert.NotNull(limits.WaitOf("lectures", changes: true));
        Assert.Null(limits.WaitOf("lectures", changes: false));
    }

    [Fact]
    public void After_too_many_unknown_keys_an_address_has_to_wait()
    {
        using var limits = new CallLimits(new HttpOptions { UnknownKeysPerMinute = 3 });

        Assert.Equal(
            [false, false, true],
            Enumerable.Range(0, 3).Select(_ => limits.CountUnknown("192.0.2.7")).ToArray()
        );
        Assert.Equal(TimeSpan.FromSeconds(20), limits.WaitOfUnknownKeys("192.0.2.7"));
        Assert.Null(limits.WaitOfUnknownKeys("192.0.2.8"));
    }

    [Fact]
    public void The_starts_of_a_minute_may_come_at_once_and_each_key_has_its_own()
    {
        using var limits = new CallLimits(new HttpOptions());
        var (few, many, free) = (Key("few", 3), Key("many", 30), Key("free", 0));

        Assert.All(Enumerable.Range(0, 3), _ => Assert.Null(limits.WaitOfStart(few)));
        Assert.InRange(limits.WaitOfStart(few)!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.Null(limits.WaitOfStart(many));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Null(limits.WaitOfStart(free)));

        static ApiKey Key(string name, int startsPerMinute) =>
            new(name, ApiScope.Record, [])
            {
                Limits = new KeyLimits { StartsPerMinute = startsPerMinute },
            };
    }
}
