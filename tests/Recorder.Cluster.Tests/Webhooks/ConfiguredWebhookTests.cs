using System.Collections.Immutable;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Webhooks;

/// <summary>The receivers of events in the configuration.</summary>
public sealed class ConfiguredWebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Url = "https://hooks.example.org/";

    [Theory]
    [InlineData("", Url, Secret, null, "", "", "needs a Name of 1 to 64")]
    [InlineData("two words", Url, Secret, null, "", "", "needs a Name of 1 to 64")]
    [InlineData("a", "hooks.example.org", Secret, null, "", "", "needs an Url, an absolute https address")]
    [InlineData("a", "ftp://hooks.example.org/", Secret, null, "", "", "needs an Url, an absolute https address")]
    [InlineData("a", "http://hooks.example.org/", Secret, null, "", "", "http: is not encrypted")]
    [InlineData("a", "https://127.0.0.1/", Secret, null, "", "", "Network:Allow")]
    [InlineData("a", "https://169.254.169.254/", Secret, null, "", "", "Network:Allow")]
    [InlineData("a", "https://[::ffff:127.0.0.1]/", Secret, null, "", "", "Network:Allow")]
    [InlineData("a", "https://2130706433/", Secret, null, "", "", "Network:Allow")]
    [InlineData("a", Url, null, null, "", "", "must have either Secret or SecretFile")]
    [InlineData("a", Url, Secret, "/secret", "", "", "must have either Secret or SecretFile")]
    [InlineData("a", Url, null, "/nowhere/secret", "", "", "names the SecretFile /nowhere/secret, which cannot be read")]
    [InlineData("a", Url, "whsec_c2hvcnQ=", null, "", "", "has 5 bytes behind whsec_; it must have 24 to 64")]
    [InlineData("a", Url, "plain", null, "", "", "must be whsec_ and then base64")]
    [InlineData("a", Url, Secret, null, "recrod.*", "", "has the type \"recrod.*\"")]
    [InlineData("a", Url, Secret, null, "", "room", "has Labels that cannot be read")]
    [InlineData("a", Url, Secret, null, "", "Room=Sal", "has Labels that cannot be read")]
    public void A_mistake_is_told_and_no_secret_with_it(
        string name,
        string url,
        string? secret,
        string? file,
        string types,
        string labels,
        string told
    )
    {
        var options = new RecorderClusterOptions();
        options.Webhooks.Add(
            new WebhookOptions
            {
                Name = name,
                Url = url,
                Secret = secret,
                SecretFile = file,
                Types = types,
                Labels = labels,
            }
        );

        var problem = Assert.Single(
            FarmOptionsCheck.Problems(options),
            text => text.Contains(told, StringComparison.Ordinal)
        );

        Assert.DoesNotContain("MfKQ9r8G", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("c2hvcnQ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_receivers_have_two_names()
    {
        List<string> problems = [];
        var read = ConfiguredWebhook.Read([Options(), Options()], problems);
        Assert.Single(read);
        Assert.Contains("which another one has too", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_receiver_is_read_with_its_types_and_labels()
    {
        List<string> problems = [];
        var read = Assert.Single(ConfiguredWebhook.Read([Options()], problems));
        Assert.Empty(problems);
        Assert.Equal(("config-board", Url, Secret), (read.Id, read.Url, read.Secret));
        Assert.Equal(["record.*", "session.failed"], read.Types);
        Assert.Equal<ImmutableList<SessionLabel>>([new("room", "Sal"), new("term", "")], read.Labels);
    }

    private static WebhookOptions Options() =>
        new()
        {
            Name = "board",
            Url = Url,
            Secret = Secret,
            Types = "record.*, session.failed",
            Labels = "room=Sal, term=",
        };
}
