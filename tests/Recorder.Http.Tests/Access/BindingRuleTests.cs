using Recorder.Http.Access;

namespace Recorder.Http.Tests.Access;

public sealed class BindingRuleTests
{
    [Theory]
    [InlineData("http://127.0.0.1:34568", true)]
    [InlineData("http://127.1.2.3:80", true)]
    [InlineData("http://localhost:34568", true)]
    [InlineData("https://[::1]:34568", true)]
    [InlineData("http://[::ffff:127.0.0.1]:34568", true)]
    [InlineData("http://unix:/run/recorder.sock", true)]
    [InlineData("http://0.0.0.0:34568", false)]
    [InlineData("http://[::]:34568", false)]
    [InlineData("http://*:34568", false)]
    [InlineData("http://+:34568", false)]
    [InlineData("http://10.0.0.5:34568", false)]
    [InlineData("http://localhost.example.org:34568", false)]
    [InlineData("http://recorder:34568", false)]
    public void Only_loopback_counts_as_loopback(string address, bool loopback) =>
        Assert.Equal(loopback, BindingRule.IsLoopback(address));

    [Theory]
    [InlineData("http://127.0.0.1:34568", true, false, null)]
    [InlineData("http://127.0.0.1:34568", false, false, null)]
    [InlineData("https://0.0.0.0:34568", true, false, null)]
    [InlineData("http://0.0.0.0:34568", true, true, null)]
    [InlineData("http://0.0.0.0:34568", true, false, "without encryption")]
    [InlineData("http://10.0.0.5:34568", true, false, "Http:BehindProxy=true")]
    [InlineData("http://10.0.0.5:34568", false, true, "there are no API keys")]
    [InlineData("https://10.0.0.5:34568", false, true, "there are no API keys")]
    public void Keys_come_from_other_machines_only_encrypted_or_by_a_proxy(
        string address,
        bool hasKeys,
        bool behindProxy,
        string? words
    )
    {
        var problem = BindingRule.Problem(address, hasKeys, behindProxy);

        Assert.Equal(words is null, problem is null);
        Assert.Contains(words ?? "", problem ?? "", StringComparison.Ordinal);
    }
}
