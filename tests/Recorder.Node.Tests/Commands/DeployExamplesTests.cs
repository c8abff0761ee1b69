using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;
using Recorder.Http;
using Recorder.Http.Settings;
using Recorder.Node.Configuration;
using Recorder.Node.Tests.Repository;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Recorder.Node.Tests.Commands;

/// <summary>The examples of <c>deploy/</c> and of the documentation name options that exist, with values that a node
/// takes. They also give a node the time to stop.</summary>
[Trait("ring", "actor")]
public sealed partial class DeployExamplesTests
{
    /// <summary>What docs/operations.md tells a supervisor to wait after SIGTERM.</summary>
    private const int StopSeconds = 210;

    private static readonly string Root = RepositoryRoot.Path;

    public static TheoryData<string> Containers =>
        [
            .. Compose("compose.yaml")
                .Concat(Compose("compose.farm.yaml"))
                .Append(Pod())
                .Select(container => container.Name),
        ];

    public static TheoryData<string> Texts =>
        [
            "Dockerfile",
            "README.md",
            "docs/operations.md",
            "deploy/compose.yaml",
            "deploy/compose.farm.yaml",
            "deploy/k8s/recorder.yaml",
            "deploy/systemd/recorder.service",
        ];

    [Theory]
    [MemberData(nameof(Containers))]
    public void A_containers_environment_makes_a_node_that_starts(string name)
    {
        var container = Compose("compose.yaml")
            .Concat(Compose("compose.farm.yaml"))
            .Append(Pod())
            .Single(candidate => candidate.Name == name);

        // The secret is there when the container runs.
        var environment = container.Environment;
        var secret = Path.GetTempFileName();
        if (environment.ContainsKey("RECORDER_REMOTING_SECRET_FILE"))
        {
            environment["RECORDER_REMOTING_SECRET_FILE"] = secret;
            environment["RECORDER_Http__Keys__0__KeyFile"] = secret;
        }
        File.WriteAllText(secret, new string('s', 48));
        using var removed = new Removal(secret);
        var configuration = NodeConfiguration.Read(null, environment, [], out var warnings);

        Assert.Empty(warnings);
        Assert.Empty(HttpOptionsCheck.Problems(RecorderSettings.Bind(configuration).Http));
        // Whoever reads the file sees whether the database's connections are encrypted.
        if (environment.TryGetValue("RECORDER_DATABASE_CONNECTION_STRING", out var database))
        {
            Assert.Contains("SSL Mode=", database, StringComparison.Ordinal);
        }
        Assert.Empty(FarmOptionsCheck.Problems(RecorderSettings.Bind(configuration).Cluster));
        Assert.True(container.StopSeconds >= StopSeconds, $"{name} has {container.StopSeconds} s to stop.");
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_variable_that_is_named_is_an_option(string file)
    {
        var names = Variable()
            .Matches(File.ReadAllText(Path.Combine(Root, file)))
            .Select(match => match.Value)
            .Distinct()
            .ToList();

        Assert.All(
            names,
            name =>
                Assert.True(
                    Shorthand.FromEnvironment(name) is not null
                        || OfDeliveries.Contains(name)
                        || RecorderSettings.Options.Any(option =>
                            name.Equals(option.EnvironmentName, StringComparison.OrdinalIgnoreCase)
                        )
                        || OptionChecks.Find(
                            name["RECORDER_".Length..].Replace("__", ":", StringComparison.Ordinal),
                            file,
                            out _
                        )
                            is not null,
                    $"{file} names {name}, which is no option."
                )
        );
    }

    /// <summary>What the command of a delivery gets; <see cref="Delivery.CommandDeliveryTests" /> looks at each.</summary>
    private static readonly string[] OfDeliveries =
    [
        "RECORDER_RECORD",
        "RECORDER_MANIFEST",
        "RECORDER_SESSION",
        "RECORDER_ATTEMPT",
    ];

    [Fact]
    public void Every_node_of_a_farm_has_an_address_of_its_own()
    {
        var hosts = Compose("compose.farm.yaml")
            .Select(container => container.Environment["RECORDER_HOSTNAME"])
            .ToList();

        Assert.Equal(3, hosts.Count);
        Assert.Equal(hosts, hosts.Distinct());
        Assert.Contains("$(POD_NAME)", Pod().Raw["RECORDER_PUBLIC_HOSTNAME"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_service_has_the_time_to_stop_and_tries_no_refused_start_again()
    {
        var unit = File.ReadAllLines(Path.Combine(Root, "deploy/systemd/recorder.service"));

        Assert.True(
            int.Parse(
                unit.Single(line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal)).Split('=')[1],
                CultureInfo.InvariantCulture
            ) >= StopSeconds
        );
        Assert.Contains("RestartPreventExitStatus=1 2", unit);
        Assert.Contains("Restart=on-failure", unit);
    }

    [Fact]
    public async Task A_pods_probes_ask_what_needs_no_key_and_no_pod_is_replaced_under_the_others()
    {
        var set = Map(Read("k8s/recorder.yaml").Single(one => (string)one["kind"] == "StatefulSet"), "spec");
        var container =
            (Dictionary<object, object>)((List<object>)Map(Map(set, "template"), "spec")["containers"]).Single();
        string[] paths =
        [
            .. new[] { "readinessProbe", "livenessProbe" }.Select(probe =>
                (string)Map(Map(container, probe), "httpGet")["path"]
            ),
        ];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddRecorderHttp(http =>
        {
            http.Listen = "http://127.0.0.1:0";
            http.Keys.Add(
                new ApiKeyOptions
                {
                    Name = "operator",
                    Key = "admin-0123456789abcdef",
                    Scope = ApiScope.Admin,
                }
            );
        });
        builder.Services.AddSingleton(_ => new FarmDatabase(new DatabaseOptions { File = "/nowhere/recorder.db" }));
        builder.Services.AddAkka("probed", akka => akka.WithEdgeActor());
        await using var app = builder.Build();
        app.MapRecorderHttp(forTheFarm: true);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        // There is no farm: it is alive and not ready. What is no probe's needs a key.
        Assert.Equal(
            [HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.Unauthorized],
            await Task.WhenAll(
                paths
                    .Append("/api/status")
                    .Select(async path =>
                    {
                        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
                        return answer.StatusCode;
                    })
            )
        );
        Assert.Equal("RollingUpdate", Map(set, "updateStrategy")["type"]);
    }

    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("compose.farm.yaml")]
    public void A_compose_files_containers_are_confined(string file)
    {
        Assert.All(
            Map(Read(file).Single(), "services")
                .Where(service => !service.Key.Equals("database"))
                .Select(service => (Dictionary<object, object>)service.Value),
            service =>
            {
                Assert.Equal(
                    new object[] { "seccomp=seccomp/recorder.json", "no-new-privileges=true" },
                    (List<object>)service["security_opt"]
                );
                Assert.Equal(new object[] { "ALL" }, (List<object>)service["cap_drop"]);
                Assert.Equal(Rights, (List<object>)service["cap_add"]);
                Assert.Equal("true", service["read_only"]);
                Assert.Equal("${MEMORY_LIMIT:-8gb}", service["mem_limit"]);
                Assert.All(
                    service.TryGetValue("ports", out var ports) ? ((List<object>)ports).Cast<string>() : [],
                    port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal)
                );
                Assert.InRange(int.Parse((string)service["pids_limit"], CultureInfo.InvariantCulture), 1, 32768);
                Assert.Equal("Required", Map(service, "environment")["RECORDER_MEDIA_SANDBOX"]);
            }
        );
    }

    [Fact]
    public void A_pod_is_confined_and_its_secrets_are_the_nodes_alone()
    {
        var documents = Read("k8s/recorder.yaml");
        var spec = Map(
            Map(Map(documents.Single(one => (string)one["kind"] == "StatefulSet"), "spec"), "template"),
            "spec"
        );
        var container = (Dictionary<object, object>)((List<object>)spec["containers"]).Single();
        var pod = Map(spec, "securityContext");
        var confined = Map(container, "securityContext");
        var secret = ((List<object>)spec["volumes"])
            .Cast<Dictionary<object, object>>()
            .Single(volume => volume.ContainsKey("secret"));
        var policy = Map(documents.Single(one => (string)one["kind"] == "NetworkPolicy"), "spec");

        Assert.Equal("false", spec["automountServiceAccountToken"]);
        Assert.Equal("Localhost", Map(pod, "seccompProfile")["type"]);
        Assert.Equal("recorder.json", Map(pod, "seccompProfile")["localhostProfile"]);
        Assert.Equal("34568", pod["fsGroup"]);
        Assert.Equal("false", confined["allowPrivilegeEscalation"]);
        Assert.Equal("true", confined["readOnlyRootFilesystem"]);
        Assert.Equal(new object[] { "ALL" }, (List<object>)Map(confined, "capabilities")["drop"]);
        Assert.Equal(Rights, (List<object>)Map(confined, "capabilities")["add"]);
        Assert.Equal("0440", Map(secret, "secret")["defaultMode"]);
        Assert.Equal("Required", Pod().Environment["RECORDER_MEDIA_SANDBOX"]);
        Assert.DoesNotContain(":latest", (string)container["image"], StringComparison.Ordinal);
        Assert.Contains(":", (string)container["image"], StringComparison.Ordinal);
        // Only the farm's own pods reach the nodes' port.
        var toNodes = ((List<object>)policy["ingress"])
            .Cast<Dictionary<object, object>>()
            .Single(rule =>
                ((List<object>)rule["ports"])
                    .Cast<Dictionary<object, object>>()
                    .Any(port => port["port"].Equals("nodes"))
            );
        Assert.True(toNodes.ContainsKey("from"));
        Assert.Equal(new object[] { "Ingress", "Egress" }, (List<object>)policy["policyTypes"]);
    }

    [Theory]
    [InlineData("User", "recorder-node")]
    [InlineData("AmbientCapabilities", "CAP_CHOWN CAP_DAC_OVERRIDE CAP_KILL CAP_SETGID CAP_SETUID")]
    [InlineData("CapabilityBoundingSet", "CAP_CHOWN CAP_DAC_OVERRIDE CAP_KILL CAP_SETGID CAP_SETUID")]
    [InlineData("NoNewPrivileges", "yes")]
    [InlineData("Environment", "RECORDER_MEDIA_SANDBOX=Required")]
    [InlineData("UMask", "0077")]
    [InlineData("TasksMax", "16384")]
    [InlineData("MemoryMax", "90%")]
    [InlineData("OOMPolicy", "continue")]
    [InlineData("ProtectSystem", "strict")]
    [InlineData("ProtectHome", "yes")]
    [InlineData("PrivateTmp", "yes")]
    [InlineData("PrivateDevices", "yes")]
    [InlineData("ProtectControlGroups", "no")]
    [InlineData("Delegate", "memory pids cpu")]
    [InlineData("ProtectKernelLogs", "yes")]
    [InlineData("ProtectKernelModules", "yes")]
    [InlineData("ProtectKernelTunables", "yes")]
    [InlineData("LockPersonality", "yes")]
    [InlineData("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK")]
    [InlineData("RestrictNamespaces", "user pid net")]
    public void The_service_is_confined(string setting, string value) =>
        Assert.Contains($"{setting}={value}", File.ReadAllLines(Path.Combine(Root, "deploy/systemd/recorder.service")));

    /// <summary>The whole of a profile is an allow list: what a new kernel adds is denied.</summary>
    [Fact]
    public void The_seccomp_profile_allows_namespaces_and_nothing_that_is_an_administrators()
    {
        using var profile = System.Text.Json.JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Root, "deploy/seccomp/recorder.json"))
        );
        var rules = profile.RootElement.GetProperty("syscalls").EnumerateArray().ToList();
        var whole = rules
            .Where(rule => !rule.TryGetProperty("args", out _))
            .SelectMany(rule => rule.GetProperty("names").EnumerateArray().Select(name => name.GetString()!))
            .ToHashSet();

        Assert.Equal("SCMP_ACT_ERRNO", profile.RootElement.GetProperty("defaultAction").GetString());
        Assert.All(rules, rule => Assert.Equal("SCMP_ACT_ALLOW", rule.GetProperty("action").GetString()));
        Assert.Superset(new HashSet<string> { "clone", "unshare", "setns", "chroot" }, whole);
        Assert.DoesNotContain(whole, name => Denied.Contains(name));
    }

    /// <summary>What the node needs to give browsers to a user of their own, and to give up the rest.</summary>
    private static readonly object[] Rights = ["CHOWN", "DAC_OVERRIDE", "KILL", "SETGID", "SETPCAP", "SETUID"];

    private static readonly string[] Denied =
    [
        "mount",
        "umount2",
        "pivot_root",
        "move_mount",
        "open_tree",
        "fsopen",
        "init_module",
        "finit_module",
        "delete_module",
        "kexec_load",
        "kexec_file_load",
        "bpf",
        "perf_event_open",
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "pidfd_getfd",
        "keyctl",
        "add_key",
        "request_key",
        "userfaultfd",
        "io_uring_setup",
        "io_uring_enter",
        "io_uring_register",
        "open_by_handle_at",
        "reboot",
        "swapon",
        "swapoff",
        "settimeofday",
        "clock_settime",
        "acct",
        "quotactl",
        "iopl",
        "ioperm",
        "syslog",
    ];

    private static IEnumerable<Container> Compose(string file) =>
        from service in Map(Read(file).Single(), "services")
        where !service.Key.Equals("database")
        let settings = (Dictionary<object, object>)service.Value
        select new Container(
            $"{file}: {service.Key}",
            settings.TryGetValue("environment", out var environment)
                ? ((Dictionary<object, object>)environment).ToDictionary(
                    pair => (string)pair.Key,
                    pair => (string)pair.Value
                )
                : [],
            int.Parse(((string)settings["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture)
        );

    private static Container Pod()
    {
        var set = Read("k8s/recorder.yaml").Single(one => (string)one["kind"] == "StatefulSet");
        var spec = Map(Map(Map(set, "spec"), "template"), "spec");
        var container = (Dictionary<object, object>)((List<object>)spec["containers"]).Single();
        return new Container(
            "k8s/recorder.yaml",
            ((List<object>)container["env"])
                .Cast<Dictionary<object, object>>()
                .Where(one => one.ContainsKey("value"))
                .ToDictionary(one => (string)one["name"], one => (string)one["value"]),
            int.Parse((string)spec["terminationGracePeriodSeconds"], CultureInfo.InvariantCulture)
        );
    }

    private static Dictionary<object, object> Map(Dictionary<object, object> of, string key) =>
        (Dictionary<object, object>)of[key];

    private static List<Dictionary<object, object>> Read(string file)
    {
        using var text = new StreamReader(Path.Combine(Root, "deploy", file));
        var parser = new MergingParser(new YamlDotNet.Core.Parser(text));
        parser.Consume<YamlDotNet.Core.Events.StreamStart>();
        var deserializer = new DeserializerBuilder().Build();
        var documents = new List<Dictionary<object, object>>();
        while (parser.Accept<YamlDotNet.Core.Events.DocumentStart>(out _))
        {
            documents.Add(deserializer.Deserialize<Dictionary<object, object>>(parser));
        }
        return documents;
    }

    [GeneratedRegex("RECORDER_[A-Za-z0-9_]*[A-Za-z0-9]")]
    private static partial Regex Variable();

    private sealed class Removal(string file) : IDisposable
    {
        public void Dispose() => File.Delete(file);
    }

    private sealed record Container(string Name, Dictionary<string, string> Raw, int StopSeconds)
    {
        /// <summary>As the process gets it: Kubernetes fills variables in.</summary>
        public Dictionary<string, string> Environment =>
            Raw.ToDictionary(
                pair => pair.Key,
                pair => pair.Value.Replace("$(POD_NAME)", "recorder-0", StringComparison.Ordinal)
            );
    }
}
