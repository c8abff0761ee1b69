using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

using Akka.Hosting;

using Microsoft.AspNetCore.Builder;

using Recorder.Cluster.Hosting;
using Recorder.Http;
using Recorder.Http.Access;
using Recorder.Node.Hosting;
using Recorder.Node.Tests.Repository;

using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Recorder.Node.Tests.Commands;

/// <summary>The examples of <c>deploy/</c> and of the documentation name options that exist, in values a node takes, and give it the time it needs to stop.</summary>
public sealed partial class DeployExamplesTests
{
    /// <summary>What docs/operations.md tells a supervisor to wait after SIGTERM.</summary>
    private const int StopSeconds = 210;

    private static readonly string Root = RepositoryRoot.Path;

    public static TheoryData<string> Containers => [.. Compose("compose.yaml").Concat(Compose("compose.farm.yaml")).Append(Pod()).Select(container => container.Name)];

    public static TheoryData<string> Texts => ["Dockerfile", "README.md", "docs/operations.md", "deploy/compose.yaml", "deploy/compose.farm.yaml", "deploy/k8s/recorder.yaml", "deploy/systemd/recorder.service"];

    [Theory]
    [MemberData(nameof(Containers))]
    public void A_containers_environment_makes_a_node_that_starts(string name)
    {
        var container = Compose("compose.yaml").Concat(Compose("compose.farm.yaml")).Append(Pod()).Single(candidate => candidate.Name == name);

        var configuration = NodeConfiguration.Read(null, container.Environment, [], out var warnings);

        Assert.Empty(warnings);
        Assert.Empty(FarmOptionsCheck.Problems(RecorderSettings.Bind(configuration).Cluster));
        Assert.True(container.StopSeconds >= StopSeconds, $"{name} has {container.StopSeconds} s to stop.");
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_variable_that_is_named_is_an_option(string file)
    {
        var names = Variable().Matches(File.ReadAllText(Path.Combine(Root, file))).Select(match => match.Value).Distinct().ToList();

        Assert.All(names, name => Assert.True(
            Shorthand.FromEnvironment(name) is not null
            || RecorderSettings.Options.Any(option => name.Equals(option.EnvironmentName, StringComparison.OrdinalIgnoreCase))
            || OptionChecks.Find(name["RECORDER_".Length..].Replace("__", ":", StringComparison.Ordinal), file, out _) is not null,
            $"{file} names {name}, which is no option."));
    }

    [Fact]
    public void Every_node_of_a_farm_has_an_address_of_its_own()
    {
        var hosts = Compose("compose.farm.yaml").Select(container => container.Environment["RECORDER_HOSTNAME"]).ToList();

        Assert.Equal(3, hosts.Count);
        Assert.Equal(hosts, hosts.Distinct());
        Assert.Contains("$(POD_NAME)", Pod().Raw["RECORDER_PUBLIC_HOSTNAME"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_service_has_the_time_to_stop_and_tries_no_refused_start_again()
    {
        var unit = File.ReadAllLines(Path.Combine(Root, "deploy/systemd/recorder.service"));

        Assert.True(int.Parse(unit.Single(line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal)).Split('=')[1], CultureInfo.InvariantCulture) >= StopSeconds);
        Assert.Contains("RestartPreventExitStatus=1 2", unit);
        Assert.Contains("Restart=on-failure", unit);
    }

    [Fact]
    public async Task A_pods_probes_ask_what_needs_no_key_and_no_pod_is_replaced_under_the_others()
    {
        var set = Map(Read("k8s/recorder.yaml").Single(one => (string)one["kind"] == "StatefulSet"), "spec");
        var container = (Dictionary<object, object>)((List<object>)Map(Map(set, "template"), "spec")["containers"]).Single();
        string[] paths = [.. new[] { "readinessProbe", "livenessProbe" }.Select(probe => (string)Map(Map(container, probe), "httpGet")["path"])];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddRecorderHttp(http =>
        {
            http.Listen = "http://127.0.0.1:0";
            http.Keys.Add(new ApiKeyOptions { Name = "operator", Key = "admin-0123456789abcdef", Scope = ApiScope.Admin });
        });
        builder.Services.AddAkka("probed", akka => akka.WithEdgeActor());
        await using var app = builder.Build();
        app.MapRecorderHttp(forTheFarm: true);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        // There is no farm: it is alive and not ready. What is no probe's needs a key.
        Assert.Equal(
            [HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.Unauthorized],
            await Task.WhenAll(paths.Append("/api/status").Select(async path =>
            {
                using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
                return answer.StatusCode;
            })));
        Assert.Equal("OnDelete", Map(set, "updateStrategy")["type"]);
    }

    private static IEnumerable<Container> Compose(string file) =>
        from service in Map(Read(file).Single(), "services")
        where !service.Key.Equals("database")
        let settings = (Dictionary<object, object>)service.Value
        select new Container(
            $"{file}: {service.Key}",
            settings.TryGetValue("environment", out var environment) ? ((Dictionary<object, object>)environment).ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value) : [],
            int.Parse(((string)settings["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture));

    private static Container Pod()
    {
        var set = Read("k8s/recorder.yaml").Single(one => (string)one["kind"] == "StatefulSet");
        var spec = Map(Map(Map(set, "spec"), "template"), "spec");
        var container = (Dictionary<object, object>)((List<object>)spec["containers"]).Single();
        return new Container(
            "k8s/recorder.yaml",
            ((List<object>)container["env"]).Cast<Dictionary<object, object>>().Where(one => one.ContainsKey("value")).ToDictionary(one => (string)one["name"], one => (string)one["value"]),
            int.Parse((string)spec["terminationGracePeriodSeconds"], CultureInfo.InvariantCulture));
    }

    private static Dictionary<object, object> Map(Dictionary<object, object> of, string key) => (Dictionary<object, object>)of[key];

    private static List<Dictionary<object, object>> Read(string file)
    {
        using var text = new StreamReader(Path.Combine(Root, "deploy", file));
        var parser = new MergingParser(new YamlDotNet.Core.Parser(text));
        parser.Consume<YamlDotNet.Core.Events.StreamStart>();
        var deserializer = new DeserializerBuilder().Build();
        var documents = new List<Dictionary<object, object>>();
        while (parser.Accept<YamlDotNet.Core.Events.DocumentStart>(out _))
            documents.Add(deserializer.Deserialize<Dictionary<object, object>>(parser));
        return documents;
    }

    [GeneratedRegex("RECORDER_[A-Za-z0-9_]*[A-Za-z0-9]")]
    private static partial Regex Variable();

    private sealed record Container(string Name, Dictionary<string, string> Raw, int StopSeconds)
    {
        /// <summary>As the process gets it: Kubernetes fills variables in.</summary>
        public Dictionary<string, string> Environment => Raw.ToDictionary(pair => pair.Key, pair => pair.Value.Replace("$(POD_NAME)", "recorder-0", StringComparison.Ordinal));
    }
}
