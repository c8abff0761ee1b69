using System.Collections;
using System.Text.RegularExpressions;
using Recorder.Cluster.Settings;
using Recorder.Node.Configuration;
using Recorder.Node.Parts;
using Recorder.Node.Tests.Repository;

namespace Recorder.Node.Tests.Configuration;

/// <summary>Where options come from, which source wins, and what is refused.</summary>
public sealed class NodeConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-configuration-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_any_source_the_defaults_are_those_of_the_classes()
    {
        var settings = Bind();

        Assert.Equal(TimeSpan.FromSeconds(30), settings.Cluster.Sessions.StartLimit);
        Assert.Equal(34569, settings.Cluster.Remoting.Port);
    }

    [Fact]
    public void The_file_is_overridden_by_the_environment_and_that_by_the_command_line()
    {
        var file = WriteFile(
            """{ "Recorder": { "Remoting": { "Port": 1111 }, "Placement": { "Sessions": 11, "Shards": 111 } } }"""
        );

        var settings = Bind(
            file,
            new() { ["RECORDER_Placement__Sessions"] = "22", ["RECORDER_PLACEMENT_SHARDS"] = "222" },
            ("Placement:Shards", "333")
        );

        Assert.Equal(1111, settings.Cluster.Remoting.Port);
        Assert.Equal(22, settings.Cluster.Placement.Sessions);
        Assert.Equal(333, settings.Cluster.Placement.Shards);
    }

    [Fact]
    public void A_list_of_words_may_be_one_text_and_replaces_the_list_of_an_earlier_source()
    {
        var file = WriteFile("""{ "Recorder": { "Network": { "Allow": ["10.0.0.0/8", "a.lan", "b.lan"] } } }""");

        Assert.Equal(["10.0.0.0/8", "a.lan", "b.lan"], Bind(file).Cluster.Network.Allow);
        Assert.Equal(
            ["127.0.0.0/8", "::1"],
            Bind(file, new() { ["RECORDER_NETWORK_ALLOW"] = "127.0.0.0/8, ::1" }).Cluster.Network.Allow
        );
        Assert.Equal(
            ["c.lan"],
            Bind(file, new() { ["RECORDER_Network__Allow__0"] = "c.lan" }).Cluster.Network.Allow
        );
        Assert.Equal(
            ["d.lan:80", "e.lan"],
            Bind(
                file,
                new() { ["RECORDER_NETWORK_ALLOW"] = "c.lan" },
                ("Network:Allow", "d.lan:80 e.lan")
            ).Cluster.Network.Allow
        );
        Assert.Empty(Bind(file, new() { ["RECORDER_NETWORK_ALLOW"] = "" }).Cluster.Network.Allow);
    }

    [Fact]
    public void The_name_that_an_option_had_earlier_is_read_from_every_source_and_the_node_says_what_it_is_called_now()
    {
        var file = WriteFile("""{ "Recorder": { "Placement": { "SlotPool": 111 } } }""");

        Assert.Equal((111, $"{file} sets Placement:SlotPool, which is called Placement:Shards now."), Shards(file));
        Assert.Equal(
            (222, "The environment sets Placement:SlotPool, which is called Placement:Shards now."),
            Shards(null, new() { ["RECORDER_PLACEMENT_SLOT_POOL"] = "222" })
        );
        Assert.Equal(
            (222, "The environment sets Placement:SlotPool, which is called Placement:Shards now."),
            Shards(null, new() { ["RECORDER_Placement__SlotPool"] = "222" })
        );
        Assert.Equal(
            (333, "The command line sets --placement-slot-pool, which is called --placement-shards now."),
            Shards(null, null, ("Placement:SlotPool", "333"))
        );
        Assert.Equal(
            "The command line sets --placement-slot-pool to 0; it must be 1 to 100000.",
            Refusal(null, null, ("Placement:SlotPool", "0"))
        );

        static (int Shards, string Warning) Shards(
            string? file = null,
            Hashtable? environment = null,
            params (string Key, string Value)[] commandLine
        )
        {
            var read = NodeConfiguration.Read(
                file,
                environment ?? [],
                commandLine.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)),
                out var warnings
            );
            return (RecorderSettings.Bind(read).Cluster.Placement.Shards, Assert.Single(warnings));
        }
    }

    [Fact]
    public void Of_an_earlier_name_and_todays_in_one_source_todays_counts()
    {
        var file = WriteFile("""{ "Recorder": { "Placement": { "Shards": 1, "SlotPool": 111 } } }""");

        Assert.Equal(1, Bind(file).Cluster.Placement.Shards);
        Assert.Equal(
            2,
            Bind(file, null, ("Placement:Shards", "2"), ("Placement:SlotPool", "222")).Cluster.Placement.Shards
        );
    }

    [Theory]
    [InlineData("Http:MaximumBodyBytes", "131072", "Http:MaximumBody", "128 KiB")]
    [InlineData("Media:MinimumFreeMegabytes", "250", "Media:MinimumFree", "250 MiB")]
    [InlineData("Media:PageLimitSeconds", "45", "Media:PageLimit", "45 s")]
    [InlineData("Media:PageSettleSeconds", "0.25", "Media:PageSettleLimit", "250 ms")]
    [InlineData("Media:StartLimitSeconds", "90", "Media:StartLimit", "90 s")]
    [InlineData("Media:HeartbeatSeconds", "0.5", "Media:HeartbeatInterval", "500 ms")]
    [InlineData("Media:HeartbeatLimitSeconds", "12", "Media:HeartbeatLimit", "12 s")]
    [InlineData("Media:HangLimitSeconds", "120", "Media:HangLimit", "2 min")]
    [InlineData("Media:WorkerSilenceSeconds", "7", "Media:WorkerSilenceLimit", "7 s")]
    [InlineData("Media:FinishLimitSeconds", "3600", "Media:FinishLimit", "1 h")]
    [InlineData("Media:RepairLimitSeconds", "86400", "Media:RepairLimit", "1 d")]
    [InlineData("Placement:SlotPool", "77", "Placement:Shards", "77")]
    public void What_earlier_versions_took_is_read_from_every_source_as_they_meant_it(
        string key,
        string value,
        string now,
        string means
    )
    {
        var at = key.Split(':');
        var file = WriteFile($$"""{ "Recorder": { "{{at[0]}}": { "{{at[1]}}": {{value}} } } }""");
        var words = Regex.Replace(key, "(?<=[a-z])(?=[A-Z])", "_").Replace(':', '_').ToUpperInvariant();

        Assert.Equal((means, now), Read(file, [], []));
        Assert.Equal((means, now), Read(null, new() { ["RECORDER_" + words] = value }, []));
        Assert.Equal((means, now), Read(null, new() { [$"RECORDER_{at[0]}__{at[1]}"] = value }, []));
        Assert.Equal(
            (
                means,
                "--"
                    + now.Split(':')
                        .Aggregate((left, right) => $"{left}-{Regex.Replace(right, "(?<=[a-z])(?=[A-Z])", "-")}")
                        .ToLowerInvariant()
            ),
            Read(null, [], [new(key, value)])
        );

        (string Value, string CalledNow) Read(
            string? from,
            Hashtable environment,
            KeyValuePair<string, string>[] commandLine
        )
        {
            var settings = RecorderSettings.Bind(
                NodeConfiguration.Read(from, environment, commandLine, out var warnings)
            );
            var bound = RecorderOption
                .Under("Http", settings.Http)
                .Concat(RecorderOption.Under("Media", settings.Media))
                .Concat(RecorderOption.Under("", settings.Cluster));
            var written = bound.Single(option => option.Key == now).Default switch
            {
                TimeSpan duration when means.EndsWith(" s", StringComparison.Ordinal) => $"{duration.TotalSeconds} s",
                var other => OptionValues.Write(other),
            };
            return (
                written,
                Regex
                    .Match(Assert.Single(warnings), "^.* sets .*, which is called (?<now>.*) now\\.$")
                    .Groups["now"]
                    .Value
            );
        }
    }

    [Fact]
    public void The_whole_file_of_version_0_1_makes_the_node_that_it_made()
    {
        var file = RepositoryRoot.Of("tests/Recorder.Node.Tests/Configuration/appsettings-of-0.1.json");

        var settings = RecorderSettings.Bind(NodeConfiguration.Read(file, new Hashtable(), [], out var warnings));

        Assert.Equal(RecorderSettings.Options.Sum(option => option.Former.Count), warnings.Count);
        Assert.Equal(new ByteSize(500 << 20), settings.Media.MinimumFree);
        settings.Media.MinimumFree = new MediaOptions().MinimumFree;
        Assert.Equal(
            RecorderSettings.Options.Select(Written),
            RecorderOption
                .Under("", settings.Node)
                .Concat(RecorderOption.Under("Http", settings.Http))
                .Concat(RecorderOption.Under("Telemetry", settings.Telemetry))
                .Concat(RecorderOption.Under("Profiles", settings.Profiles))
                .Concat(RecorderOption.Under("Media", settings.Media))
                .Concat(RecorderOption.Under("Delivery", settings.Delivery))
                .Concat(RecorderOption.Under("", settings.Destinations))
                .Concat(RecorderOption.Under("", settings.Cluster))
                .Select(Written)
        );

        static string Written(RecorderOption option) => $"{option.Key} = {option.DefaultText}";
    }

    [Theory]
    [InlineData("Media:PageLimitSeconds", "0", "to 0; it must be 1 s to 10 min.")]
    [InlineData(
        "Media:PageLimitSeconds",
        "soon",
        "to \"soon\"; it must be a duration such as 500 ms, 30 s or 10 min, 1 s to 10 min."
    )]
    [InlineData(
        "Media:PageLimit",
        "20",
        "to \"20\"; it must be a duration such as 500 ms, 30 s or 10 min, 1 s to 10 min."
    )]
    [InlineData("Media:MinimumFree", "500", "to \"500\"; it must be a size such as 500 MB or 2 GB, 0 MB to 11 TB.")]
    [InlineData("DiskLowWater", "11000000", "to 11000000; it must be 0 MB to 10 TB.")]
    [InlineData("DiskLowWater", "2 miles", "to \"2 miles\"; it must be a size such as 500 MB or 2 GB, 0 MB to 10 TB.")]
    [InlineData("Capacity:CpuLimit", "5", "to 5; it must be 10 to 100 %.")]
    [InlineData("Capacity:CpuLimit", "NaN", "to \"NaN\"; it must be a number, 10 to 100 %.")]
    [InlineData("Http:MaximumBody", "17 MiB", "to 17 MiB; it must be 1 KiB to 16 MiB.")]
    [InlineData("Http:StopTimeout", "0 s", "to 0 s; it must be 10 ms to 1 d.")]
    [InlineData("Http:Keys:0:Scope", "root", "to \"root\"; it must be one of Read, Record, Admin.")]
    public void A_duration_a_size_and_a_share_are_refused_with_their_key_value_range_and_unit(
        string key,
        string value,
        string sentence
    ) =>
        Assert.Equal(
            $"The environment sets {key} {sentence}",
            Refusal(null, new() { ["RECORDER_" + key.Replace(":", "__", StringComparison.Ordinal)] = value })
        );

    [Theory]
    [InlineData("2000", 2_000_000_000)]
    [InlineData("2500 MB", 2_500_000_000)]
    [InlineData("2.5GB", 2_500_000_000)]
    [InlineData("64 KiB", 65_536)]
    [InlineData("7 b", 7)]
    public void Sizes_are_read_with_their_unit_and_where_earlier_versions_took_a_number_in_that_ones(
        string written,
        long bytes
    ) => Assert.Equal(new ByteSize(bytes), Bind(null, null, ("DiskLowWater", written)).Node.DiskLowWater);

    [Theory]
    [InlineData("85")]
    [InlineData("85 %")]
    public void A_share_may_have_its_unit(string written) =>
        Assert.Equal(85, Bind(null, null, ("Capacity:CpuLimit", written)).Cluster.Capacity.CpuLimit);

    [Theory]
    [InlineData("500 ms", 0.5)]
    [InlineData("45s", 45)]
    [InlineData("1.5 min", 90)]
    [InlineData("00:01:00", 60)]
    public void Durations_are_read_with_their_unit(string written, double seconds)
    {
        var settings = Bind(null, null, ("Sessions:ResumeWindow", written));

        Assert.Equal(seconds, settings.Cluster.Sessions.ResumeWindow.TotalSeconds);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-5 s")]
    [InlineData("5 weeks")]
    [InlineData("999999999999 d")]
    public void A_duration_without_a_unit_or_sense_is_refused_with_the_way_to_write_it(string written)
    {
        var message = Refusal(null, null, ("Sessions:StartLimit", written));

        Assert.Equal(
            $"The command line sets --sessions-start-limit to \"{written}\"; it must be a duration such as 500 ms, 30 s or 10 min, 1 s to 10 min.",
            message
        );
    }

    [Theory]
    [InlineData("Sessions:StartLimit", "11 min", "to 11 min; it must be 1 s to 10 min.")]
    [InlineData("Remoting:Port", "65536", "to 65536; it must be 0 to 65535.")]
    [InlineData("Remoting:Port", "-1", "to -1; it must be 0 to 65535.")]
    [InlineData("Remoting:Port", "many", "to \"many\"; it must be a whole number, 0 to 65535.")]
    [InlineData(
        "Remoting:Port",
        "99999999999999999999",
        "to \"99999999999999999999\"; it must be a whole number, 0 to 65535."
    )]
    [InlineData("LogLevel", "loud", "to \"loud\"; it must be one of Trace, Debug,")]
    public void A_value_out_of_range_is_refused_with_its_range(string key, string value, string sentence)
    {
        var message = Refusal(null, new() { ["RECORDER_" + key.Replace(":", "__", StringComparison.Ordinal)] = value });

        Assert.StartsWith($"The environment sets {key} {sentence}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_is_refused_with_its_file_and_the_key_that_may_be_meant()
    {
        var file = WriteFile("""{ "Recorder": { "StartLimit": "5 s" } }""");

        Assert.Equal(
            $"{file} sets StartLimit, and there is no such option. Is Media:StartLimit or Sessions:StartLimit meant? recorder help options lists all options.",
            Refusal(file)
        );
    }

    [Fact]
    public void A_key_outside_the_section_is_refused()
    {
        var file = WriteFile("""{ "Sessions": { "StartLimit": "5 s" } }""");

        Assert.Equal(
            $"{file} has \"Sessions\" at its top; every option stands inside the one section \"Recorder\".",
            Refusal(file)
        );
    }

    [Fact]
    public void A_misspelt_key_in_the_environment_is_refused()
    {
        Assert.Contains(
            "Sessions:StartLimitt",
            Refusal(null, new() { ["RECORDER_Sessions__StartLimitt"] = "5 s" }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_variable_that_only_begins_like_ours_is_a_warning()
    {
        NodeConfiguration.Read(null, new Hashtable { ["RECORDER_SERVICE_HOST"] = "10.0.0.1" }, [], out var warnings);

        Assert.Equal(
            "The environment variable RECORDER_SERVICE_HOST is no option of the recorder and does nothing. recorder help options lists all options.",
            Assert.Single(warnings)
        );
    }

    [Fact]
    public void The_port_that_kubernetes_sets_for_a_service_of_this_name_is_a_warning_and_a_port_of_ours_is_taken()
    {
        var linked = NodeConfiguration.Read(
            null,
            new Hashtable { ["RECORDER_PORT"] = "tcp://10.0.0.1:34568" },
            [],
            out var warnings
        );
        Assert.Equal(34569, RecorderSettings.Bind(linked).Cluster.Remoting.Port);
        Assert.Contains("RECORDER_PORT", Assert.Single(warnings), StringComparison.Ordinal);

        var own = NodeConfiguration.Read(
            null,
            new Hashtable
            {
                ["RECORDER_PORT"] = "1234",
                ["RECORDER_HOSTNAME"] = "10.0.0.1",
                ["RECORDER_SEED_NODES"] = "10.0.0.1:1",
                ["RECORDER_ROLES"] = "edge",
            },
            [],
            out warnings
        );
        var cluster = RecorderSettings.Bind(own).Cluster;
        Assert.Equal(
            (1234, "10.0.0.1", "10.0.0.1:1", "edge"),
            (cluster.Remoting.Port, cluster.Remoting.Hostname, cluster.SeedNodes, cluster.Roles)
        );
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("{ not json", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    public void A_file_that_is_no_configuration_is_refused_by_name(string content, string sentence)
    {
        var file = WriteFile(content);

        var message = Refusal(file);

        Assert.StartsWith($"The configuration file {file} {sentence}: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused_by_name()
    {
        var file = Path.Combine(_folder, "none.json");

        Assert.Equal($"The configuration file {file} cannot be read: there is no such file.", Refusal(file));
    }

    [Fact]
    public void A_list_replaces_the_whole_list_of_an_earlier_source()
    {
        var file = WriteFile("""{ "Recorder": { "Http": { "TrustedHosts": ["a", "b"] } } }""");
        Assert.Equal(["a", "b"], TrustedHosts(Bind(file)));

        Assert.Equal(["c"], TrustedHosts(Bind(file, new() { ["RECORDER_Http__TrustedHosts__0"] = "c" })));
    }

    [Fact]
    public void An_element_of_a_list_has_known_parts_only()
    {
        var file = WriteFile("""{ "Recorder": { "Http": { "Keys": [{ "Name": "me", "Secret": "x" }] } } }""");

        Assert.Contains("Http:Keys:0:Secret, and there is no such option.", Refusal(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "http://127.0.0.1:34568")]
    [InlineData("8080", null, "http://127.0.0.1:8080")]
    [InlineData(null, "0.0.0.0", "http://0.0.0.0:34568")]
    [InlineData("8080", "::1", "http://[::1]:8080")]
    public void Port_and_address_are_parts_of_where_it_listens(string? port, string? address, string listen)
    {
        var shorthands = new[] { (Key: "http-port", Value: port), (Key: "bind", Value: address) }
            .Where(pair => pair.Value is not null)
            .Select(pair => (pair.Key, pair.Value!))
            .ToArray();

        Assert.Equal(listen, ListenOf(Bind(null, null, shorthands)));
    }

    [Fact]
    public void A_port_on_the_command_line_keeps_the_address_of_the_environment()
    {
        var settings = Bind(
            null,
            new() { ["RECORDER_BIND"] = "localhost", ["RECORDER_HTTP_PORT"] = "1" },
            ("http-port", "2")
        );

        Assert.Equal("http://localhost:2", ListenOf(settings));
    }

    [Theory]
    [InlineData("http-port", "many", "The command line: --http-port is \"many\"; it must be a port, 0 to 65535.")]
    [InlineData("http-port", "65536", "The command line: --http-port is \"65536\"; it must be a port, 0 to 65535.")]
    [InlineData(
        "bind",
        "http://x",
        "The command line: --bind is \"http://x\"; it must be an address or a host name without a port, such as 0.0.0.0."
    )]
    public void A_port_or_address_that_is_none_is_refused(string name, string value, string sentence) =>
        Assert.Equal(sentence, Refusal(null, null, (name, value)));

    [Fact]
    public void Records_is_short_for_the_records_folder()
    {
        Assert.Equal("/srv/a", Bind(null, new() { ["RECORDER_RECORDS"] = "/srv/a" }).Media.RecordsFolder);
        Assert.Equal(
            "/srv/b",
            Bind(null, new() { ["RECORDER_RECORDS"] = "/srv/a" }, ("records", "/srv/b")).Media.RecordsFolder
        );
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var file = WriteFile("""{ "Recorder": { "Nothing": 1, "Remoting": { "Port": 70000 } } }""");

        Assert.Equal(2, Refusal(file).Split(Environment.NewLine).Length);
    }

    private static IEnumerable<string> TrustedHosts(RecorderSettings settings) => settings.Http.TrustedHosts;

    private static string ListenOf(RecorderSettings settings) => settings.Http.Listen;

    private static RecorderSettings Bind(
        string? file = null,
        Hashtable? environment = null,
        params (string Key, string Value)[] commandLine
    ) =>
        RecorderSettings.Bind(
            NodeConfiguration.Read(
                file,
                environment ?? [],
                commandLine.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)),
                out _
            )
        );

    private static string Refusal(
        string? file = null,
        Hashtable? environment = null,
        params (string Key, string Value)[] commandLine
    ) => Assert.Throws<StartRefusedException>(() => Bind(file, environment, commandLine)).Message;

    private string WriteFile(string content)
    {
        var file = Path.Combine(_folder, "recorder.json");
        File.WriteAllText(file, content);
        return file;
    }
}
