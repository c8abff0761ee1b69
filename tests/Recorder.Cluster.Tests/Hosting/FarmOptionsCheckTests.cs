using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;

namespace Recorder.Cluster.Tests.Hosting;

public sealed class FarmOptionsCheckTests
{
    private const string Database = "Host=db;Database=recorder;Username=recorder";

    [Theory]
    [InlineData("recorder, edge", "", "", "127.0.0.1", "")]
    [InlineData("recorder", "10.0.0.1:1", Database, "10.0.0.2", "")]
    [InlineData("edge", "10.0.0.1:1,10.0.0.2:1", "", "10.0.0.2", "")]
    [InlineData("voter", "akka.tcp://recorder@10.0.0.1:1", "", "node-3", "")]
    [InlineData("recorder,edge", "127.0.0.1:1, localhost:2", Database, "127.0.0.1", "")]
    [InlineData("recorder", "10.0.0.1:1", Database, "0.0.0.0", "10.0.0.2")]
    [InlineData("recorder", "", Database, "127.0.0.1", "")]
    public void Options_that_make_a_node_are_in_order(
        string roles,
        string seeds,
        string connection,
        string hostname,
        string publicHostname
    ) => Assert.Empty(FarmOptionsCheck.Problems(Options(roles, seeds, connection, hostname, publicHostname)));

    [Theory]
    [InlineData("recorder, egde", "", "", "127.0.0.1", "\"egde\" is no role")]
    [InlineData(" , ", "", "", "127.0.0.1", "no role")]
    [InlineData("voter, edge", "", "", "127.0.0.1", "neither runs sessions")]
    [InlineData("edge", "10.0.0.1", "", "10.0.0.2", "\"10.0.0.1\" is no address")]
    [InlineData("edge", "10.0.0.1:0", "", "10.0.0.2", "is no address")]
    [InlineData("edge", "10.0.0.1:70000", "", "10.0.0.2", "is no address")]
    [InlineData("edge", ":34569", "", "10.0.0.2", "is no address")]
    [InlineData("edge", "http://10.0.0.1:34569", "", "10.0.0.2", "is no address")]
    [InlineData("edge", "akka.tcp://other@10.0.0.1:34569", "", "10.0.0.2", "is no address")]
    [InlineData("recorder", "10.0.0.1:1", "", "10.0.0.2", "share one PostgreSQL")]
    [InlineData("recorder", "", "Server", "127.0.0.1", "cannot be read")]
    [InlineData("recorder", "", "Database=recorder", "127.0.0.1", "cannot be read")]
    [InlineData("edge", "10.0.0.1:1", "", "127.0.0.1", "--hostname")]
    [InlineData("edge", "10.0.0.1:1", "", "0.0.0.0", "--public-hostname")]
    [InlineData("edge", "10.0.0.1:1", "", "::", "--public-hostname")]
    [InlineData("edge", "", "", "host:1", "Remoting:Hostname")]
    public void What_is_wrong_is_said_with_the_way_out(
        string roles,
        string seeds,
        string connection,
        string hostname,
        string part
    ) =>
        Assert.Contains(
            part,
            Assert.Single(FarmOptionsCheck.Problems(Options(roles, seeds, connection, hostname, ""))),
            StringComparison.Ordinal
        );

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_and_no_password_with_it()
    {
        var options = Options("nothing", "nowhere", "Pasword=secret", "127.0.0.1", "");
        options.Database.File = "recorder.db";

        var problems = FarmOptionsCheck.Problems(options);

        Assert.Equal(4, problems.Count);
        Assert.DoesNotContain(problems, problem => problem.Contains("secret", StringComparison.Ordinal));
    }

    private static RecorderClusterOptions Options(
        string roles,
        string seeds,
        string connection,
        string hostname,
        string publicHostname
    ) =>
        new()
        {
            Roles = roles,
            SeedNodes = seeds,
            Database = new DatabaseOptions { ConnectionString = connection },
            Remoting = new RemotingOptions
            {
                Hostname = hostname,
                PublicHostname = publicHostname,
                AllowUnsecured = true,
            },
        };
}
