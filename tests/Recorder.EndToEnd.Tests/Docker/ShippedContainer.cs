using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Recorder.EndToEnd.Tests.Docker;

/// <summary>A container as a shipped file describes it, turned into what podman is told.</summary>
/// <param name="Options">How the container is confined, as options of <c>podman run</c>.</param>
/// <param name="Environment">Its environment.</param>
internal sealed record ShippedContainer(IReadOnlyList<string> Options, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly string Deploy = Path.Combine(Podman.Root, "deploy");

    /// <summary>A service of a compose file.</summary>
    public static ShippedContainer OfCompose(string file, string service)
    {
        var settings = Map(Map(Read(file).Single(), "services"), service);
        var options = new List<string>();
        foreach (var option in Texts(settings, "security_opt"))
        {
            // Compose counts the profile's path from its own folder.
            options.AddRange([
                "--security-opt",
                option.StartsWith("seccomp=", StringComparison.Ordinal)
                    ? $"seccomp={Path.Combine(Deploy, option["seccomp=".Length..])}"
                    : option,
            ]);
        }

        options.AddRange(Texts(settings, "cap_drop").SelectMany(right => new[] { "--cap-drop", right }));
        options.AddRange(Texts(settings, "cap_add").SelectMany(right => new[] { "--cap-add", right }));
        options.AddRange(Texts(settings, "tmpfs").SelectMany(mount => new[] { "--tmpfs", mount }));
        options.AddRange(["--shm-size", (string)settings["shm_size"], "--pids-limit", (string)settings["pids_limit"]]);
        if ((string)settings["read_only"] == "true")
        {
            options.AddRange(["--read-only", "--read-only-tmpfs=false"]);
        }
        return new ShippedContainer(
            options,
            Map(settings, "environment").ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value)
        );
    }

    /// <summary>The pod of the Kubernetes manifest. Its group is what the kubelet adds for <c>fsGroup</c>.</summary>
    public static ShippedContainer OfPod()
    {
        var spec = Map(
            Map(Map(Read("k8s/recorder.yaml").Single(one => (string)one["kind"] == "StatefulSet"), "spec"), "template"),
            "spec"
        );
        var pod = Map(spec, "securityContext");
        var container = (Dictionary<object, object>)((List<object>)spec["containers"]).Single();
        var confined = Map(container, "securityContext");
        var rights = Map(confined, "capabilities");
        var profile = Map(pod, "seccompProfile");
        Assert.Equal("Localhost", profile["type"]);
        var options = new List<string>
        {
            "--security-opt",
            $"seccomp={Path.Combine(Deploy, "seccomp", (string)profile["localhostProfile"])}",
            "--security-opt",
            $"no-new-privileges={((string)confined["allowPrivilegeEscalation"] == "false" ? "true" : "false")}",
            "--group-add",
            (string)pod["fsGroup"],
        };
        options.AddRange(Texts(rights, "drop").SelectMany(right => new[] { "--cap-drop", right }));
        options.AddRange(Texts(rights, "add").SelectMany(right => new[] { "--cap-add", right }));
        if ((string)confined["readOnlyRootFilesystem"] == "true")
        {
            options.AddRange(["--read-only", "--read-only-tmpfs=false"]);
        }
        // The kubelet makes such a folder everybody's, without the sticky bit.
        options.AddRange(
            from mount in ((List<object>)container["volumeMounts"]).Cast<Dictionary<object, object>>()
            from volume in ((List<object>)spec["volumes"]).Cast<Dictionary<object, object>>()
            where volume["name"].Equals(mount["name"]) && volume.ContainsKey("emptyDir")
            from option in new[] { "--tmpfs", $"{mount["mountPath"]}:mode=0777" }
            select option
        );
        var environment = ((List<object>)container["env"])
            .Cast<Dictionary<object, object>>()
            .Where(one => one.ContainsKey("value"))
            .ToDictionary(one => (string)one["name"], one => (string)one["value"]);
        return new ShippedContainer(options, environment);
    }

    /// <summary>The confinement and the environment as options of <c>podman run</c>.</summary>
    /// <param name="changes">Environment that is another on this machine.</param>
    public IEnumerable<string> OptionsWith(IReadOnlyDictionary<string, string> changes) =>
        Options.Concat(
            from name in Environment.Keys.Union(changes.Keys)
            from option in new[]
            {
                "--env",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}={changes.GetValueOrDefault(name) ?? Environment[name]}"
                ),
            }
            select option
        );

    private static IEnumerable<string> Texts(Dictionary<object, object> of, string key) =>
        ((List<object>)of[key]).Cast<string>();

    private static Dictionary<object, object> Map(Dictionary<object, object> of, string key) =>
        (Dictionary<object, object>)of[key];

    private static List<Dictionary<object, object>> Read(string file)
    {
        using var text = new StreamReader(Path.Combine(Deploy, file));
        var parser = new MergingParser(new Parser(text));
        parser.Consume<YamlDotNet.Core.Events.StreamStart>();
        var deserializer = new DeserializerBuilder().Build();
        var documents = new List<Dictionary<object, object>>();
        while (parser.Accept<YamlDotNet.Core.Events.DocumentStart>(out _))
        {
            documents.Add(deserializer.Deserialize<Dictionary<object, object>>(parser));
        }
        return documents;
    }
}
