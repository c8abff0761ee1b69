using Recorder.Http.Access;
using Recorder.Http.Settings;

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

    [Fact]
    public void Keys_are_found_by_their_whole_text_only()
    {
        var problems = new List<string>();
        var ring = ApiKeyRing.Read(
            [
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    Scope = ApiScope.Read,
                },
                new ApiKeyOptions
                {
                    Name = "b",
                    Key = "fedcba9876543210",
                    Scope = ApiScope.Admin,
                },
            ],
            problems
        );

        Assert.Empty(problems);
        Assert.Equal("a", ring.Find("0123456789abcdef")?.Name);
        Assert.Equal("b", ring.Find("fedcba9876543210")?.Name);
        Assert.Null(ring.Find("0123456789abcde"));
        Assert.Null(ring.Find("0123456789abcdefg"));
        Assert.Null(ring.Find(""));
    }

    public static TheoryData<ApiKeyOptions, string> BadKeys =>
        new()
        {
            {
                new ApiKeyOptions { Key = "0123456789abcdef" },
                "has no Name"
            },
            {
                new ApiKeyOptions { Name = "a" },
                "either Key or KeyFile"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    KeyFile = "/x",
                },
                "either Key or KeyFile"
            },
            {
                new ApiKeyOptions { Name = "a", Key = "short-secret" },
                "too weak"
            },
            {
                new ApiKeyOptions { Name = "a", Key = "with a space in it, secret" },
                "too weak"
            },
            {
                new ApiKeyOptions { Name = "a", KeyFile = "/nonexistent/key" },
                "cannot be read"
            },
            {
                new ApiKeyOptions
                {
                    Name = "a",
                    Key = "0123456789abcdef",
                    Scope = (ApiScope)9,
                },
                "unknown Scope"
            },
        };

    [Theory]
    [MemberData(nameof(BadKeys))]
    public void A_bad_key_is_refused_by_a_sentence_that_does_not_show_it(ApiKeyOptions key, string reason)
    {
        var problems = new List<string>();

        ApiKeyRing.Read([key], problems);

        Assert.Contains(reason, Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void One_key_for_two_names_is_refused()
    {
        var problems = new List<string>();

        ApiKeyRing.Read(
            [
                new ApiKeyOptions { Name = "a", Key = "0123456789abcdef" },
                new ApiKeyOptions { Name = "b", Key = "0123456789abcdef" },
            ],
            problems
        );

        Assert.Contains("same key", Assert.Single(problems), StringComparison.Ordinal);
    }
}
