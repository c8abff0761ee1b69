using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Processes;

/// <summary>Which user numbers sessions get, and when a node says no.</summary>
public sealed class BrowserUsersTests
{
    private const string All = "         0          0 4294967295\n";
    private const string Container = "         0     100000      65536\n";
    private const string Passwd = "root:x:0:0:root:/root:/bin/bash\nalice:x:200500:200500::/home/alice:/bin/sh\n";
    private static readonly SystemUser Named = new("recorder", 999, 995);
    private static readonly UserNumbers Host = new(All, All, Passwd);

    [Theory]
    [InlineData(All, Passwd, "1900000000-1900000999")]
    [InlineData(Container, Passwd, "50000-50999")]
    [InlineData(Container, "bob:x:50001:1::/:/bin/sh", null)]
    [InlineData("         0       1000          1\n", Passwd, null)]
    public void A_host_whose_operator_names_no_range_gets_one_that_it_has_to_give(
        string map,
        string passwd,
        string? range
    )
    {
        var users = BrowserUsers.Of(Named, BrowserUsers.Auto, new UserNumbers(map, map, passwd));
        Assert.Equal(range, users.Range?.ToString());
        Assert.Equal(range is null, users.WhyShared is not null);
        Assert.True(users.Contains(Named.Uid));
    }

    [Fact]
    public void A_node_that_cannot_become_another_user_says_what_that_means()
    {
        var users = BrowserUsers.Of(shared: null, BrowserUsers.Auto, Host);
        Assert.Null(users.Take());
        Assert.False(users.AreOthers);
        Assert.Contains("reaches the other sessions and the node", users.WhyShared, StringComparison.Ordinal);
    }

    [Fact]
    public void Sessions_share_a_user_where_the_operator_says_so()
    {
        var users = BrowserUsers.Of(Named, BrowserUsers.SharedOne, Host);
        Assert.Equal(Named, users.Take());
        Assert.Equal(Named, users.Take());
        Assert.Null(users.WhyShared);
    }

    [Theory]
    [InlineData("200000", "Media:Users is '200000'. Give a range of user numbers such as 200000-200999")]
    [InlineData("300-200", "Give a range of user numbers")]
    [InlineData("0-2000", "the numbers below 1000 are of the system's own users")]
    [InlineData("200000-200999", "the user alice has the number 200500")]
    public void A_range_that_cannot_be_used_is_refused_with_the_reason(string range, string reason)
    {
        var error = Assert.Throws<InvalidOperationException>(() => BrowserUsers.Of(Named, range, Host));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_that_the_container_does_not_have_is_refused()
    {
        var container = new UserNumbers(Container, Container, "");
        var error = Assert.Throws<InvalidOperationException>(() => BrowserUsers.Of(Named, "65000-66000", container));
        Assert.Contains("does not have all of these numbers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_for_a_node_that_cannot_become_another_user_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => BrowserUsers.Of(null, "210000-210999", Host));
        Assert.Contains("CAP_SETUID", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, "The range 210000-210010 of Media:Users has 11 numbers, and this node needs 13 for 4 sessions.")]
    public void A_range_that_is_too_small_for_the_nodes_sessions_is_told(int sessions, string? told)
    {
        var sentence = BrowserUsers.Of(Named, "210000-210010", Host).TooSmall(sessions);
        Assert.Equal(told is null, sentence is null);
        Assert.StartsWith(told ?? "", sentence ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_of_one_session_of_the_host_only_until_the_number_is_free_again()
    {
        // Numbers that no other test takes.
        using var one = BrowserUsers.Of(Named, "210020-210022", Host);
        using var other = BrowserUsers.Of(Named, "210020-210022", Host);
        Assert.Equal(210_021u, one.Take()!.Uid);
        Assert.Equal(210_022u, other.Take()!.Uid);
        var error = Assert.Throws<ProcessStartException>(() => one.Take());
        Assert.Contains("210020-210022 of Media:Users are taken", error.Message, StringComparison.Ordinal);

        other.Dispose();
        Assert.Equal(210_022u, one.Take()!.Uid);
    }

    [Fact]
    public void The_users_of_running_processes_are_seen() =>
        Assert.Contains(Posix.EffectiveUser(), RunningUsers.Read("/proc"));
}
