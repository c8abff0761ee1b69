using System.Text;
using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Profiles;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

/// <summary>How a start that names a profile becomes a start of type uri.</summary>
public sealed class ProfileRequestTests
{
    private static readonly ProfileBook Shipped = ProfileBook.Read("", ProfileRequest.ProblemOf);

    private static readonly SecretFiles Secrets = new(
        new Dictionary<string, SecretOptions> { ["room-pass"] = new() { File = "/secret", Hosts = "*" } }
    );

    private static Parsed<StartBody> Start(string body, ProfileBook? book = null) =>
        StartRequestParser.ParseWhole(
            Encoding.UTF8.GetBytes(body),
            new StartTerms { Profiles = book ?? Shipped, Secrets = Secrets }
        );

    private static Parsed<StartBody> Meeting(string data, ProfileBook? book = null) =>
        Start($$"""{"type":"meeting","data":{{data}}}""", book);

    private static PageSessionSpec Spec(Parsed<StartBody> parsed)
    {
        Assert.Null(parsed.Error?.Message);
        return Assert.IsType<PageSessionSpec>(parsed.Value.Spec);
    }

    private static ProfileBook Own(string profile)
    {
        using var folder = new ProfileFolder();
        folder.Write("own", profile);
        var book = ProfileBook.Read(folder.Path, ProfileRequest.ProblemOf);
        Assert.Empty(book.Problems);
        return book;
    }

    [Fact]
    public void Every_shipped_profile_makes_starts()
    {
        Assert.Empty(Shipped.Problems);
        Assert.Equal(
            ["bbb", "edumeet", "janus", "jitsi", "livekit", "nextcloud-talk"],
            Shipped.All.Select(profile => profile.Name)
        );
    }

    [Fact]
    public void A_meeting_of_eduMEET_is_a_page_with_everything_that_the_client_needs()
    {
        var spec = Spec(
            Meeting("""{"profile":"edumeet","url":"https://meet.example.org/room?x=1","display_name":"R & \"D\"","mode":"record"}""")
        );

        Assert.Equal(
            "https://meet.example.org/room?x=1&headless=true&displayName=R%20%26%20%22D%22",
            spec.Page.OriginalString
        );
        var settings = spec.Settings!;
        Assert.Equal("edumeet", settings.Profile);
        var entry = Assert.Single(settings.LocalStorage);
        Assert.Equal(("https://meet.example.org", "persist:edumeetRoot"), (entry.Origin, entry.Key));
        using var root = JsonDocument.Parse(entry.Value.Text!);
        using var inner = JsonDocument.Parse(root.RootElement.GetProperty("settings").GetString()!);
        Assert.Equal("R & \"D\"", inner.RootElement.GetProperty("displayName").GetString());
        Assert.False(inner.RootElement.GetProperty("notificationSounds").GetBoolean());
        Assert.Equal(PageDevices.Fake, settings.Devices);
        Assert.Contains(".MuiAppBar-root", settings.Css, StringComparison.Ordinal);
        Assert.Equal(BeginWhen.Selector, spec.Begin!.When);
        Assert.NotNull(spec.Begin.LobbySelector);
        Assert.Contains(EndPageWord.NavigatedAway, spec.End!.Page);
        Assert.Equal(TimeSpan.FromMinutes(2), spec.End.Alone!.For);
    }

    [Fact]
    public void A_page_names_a_profile_too_and_what_the_caller_gives_wins()
    {
        var spec = Spec(
            Start(
                """
                {"type":"uri","data":{
                  "uri":"https://meet.example.org/room",
                  "page":{"profile":"edumeet","parameters":{"alone_for":"30 s"},"devices":"none","locale":"nb"},
                  "begin":{"timeout":"5 s"},
                  "end":{"page":["closed"],"max_duration":"1 h"}}}
                """
            )
        );

        Assert.Equal(PageDevices.None, spec.Settings!.Devices);
        Assert.Equal("nb", spec.Settings.Locale);
        Assert.NotEmpty(spec.Settings.LocalStorage);
        Assert.Equal(TimeSpan.FromSeconds(5), spec.Begin!.Timeout);
        Assert.Equal(BeginWhen.Selector, spec.Begin.When);
        Assert.Equal([EndPageWord.Closed], spec.End!.Page);
        Assert.Equal(TimeSpan.FromHours(1), spec.End.MaxDuration);
        Assert.Equal(TimeSpan.FromSeconds(30), spec.End.Alone!.For);
    }

    [Fact]
    public void Null_takes_a_field_of_the_profile_away()
    {
        var spec = Spec(Meeting("""{"profile":"edumeet","url":"https://h/","end":null,"page":{"css":null}}"""));
        Assert.Null(spec.End);
        Assert.Null(spec.Settings!.Css);
    }

    [Fact]
    public void A_query_parameter_of_the_address_stays() =>
        Assert.Equal(
            "https://h/?headless=no&displayName=Recorder#part",
            Spec(Meeting("""{"profile":"edumeet","url":"https://h/?headless=no#part"}""")).Page.OriginalString
        );

    [Fact]
    public void Jitsi_reads_its_settings_as_JSON_from_the_fragment()
    {
        var spec = Spec(Meeting("""{"profile":"jitsi","url":"https://jitsi.example.org/Room","display_name":"Dr. \"X\" & Co"}"""));

        var parts = spec.Page.OriginalString.Split('#')[1].Split('&').Select(part => part.Split('=')).ToDictionary(
            part => part[0],
            part => JsonSerializer.Deserialize<JsonElement>(Uri.UnescapeDataString(part[1]))
        );
        Assert.Equal("Dr. \"X\" & Co", parts["userInfo.displayName"].GetString());
        Assert.False(parts["config.prejoinConfig.enabled"].GetBoolean());
        Assert.Empty(spec.Settings!.Steps);
        Assert.Equal(["speaker", "tiles"], spec.Settings.Layouts!.Select(layout => layout.Name));
    }

    [Fact]
    public void A_secret_stays_a_secret_where_a_profile_fills_a_value()
    {
        var spec = Spec(Meeting("""{"profile":"jitsi","url":"https://h/r","password":{"secret":"room-pass"}}"""));

        Assert.Equal(
            [PageStepKind.WaitFor, PageStepKind.Fill, PageStepKind.Press],
            spec.Settings!.Steps.Select(step => step.Kind)
        );
        Assert.Equal("room-pass", spec.Settings.Steps[1].Value!.Secret);
    }

    [Theory]
    [InlineData("edumeet", "display_name")]
    [InlineData("jitsi", "display_name")]
    [InlineData("livekit", "token")]
    [InlineData("nextcloud-talk", "display_name")]
    public void A_secret_cannot_stand_in_an_address_or_a_script(string profile, string parameter)
    {
        var more = profile == "livekit" ? "\"ws_url\":\"wss://h\"," : "";
        var parsed = Meeting(
            $$$"""{"profile":"{{{profile}}}","url":"https://h/r",{{{more}}}"{{{parameter}}}":{"secret":"room-pass"}}"""
        );
        Assert.Equal($"data.{parameter}", parsed.Error?.Field);
        Assert.Contains("secret cannot stand", parsed.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"url":"https://h/"}""", "data.profile")]
    [InlineData("""{"profile":7,"url":"https://h/"}""", "data.profile")]
    [InlineData("""{"profile":"zoom","url":"https://h/"}""", "data.profile")]
    [InlineData("""{"profile":"edumeet"}""", "data.url")]
    [InlineData("""{"profile":"edumeet","url":"ftp://h/"}""", "data.url")]
    [InlineData("""{"profile":"edumeet","url":7}""", "data.url")]
    [InlineData("""{"profile":"edumeet","url":"https://h/","display_name":7}""", "data.display_name")]
    [InlineData("""{"profile":"edumeet","url":"https://h/","display_name":"a\nb"}""", "data.display_name")]
    [InlineData("""{"profile":"edumeet","url":"https://h/","recording_mark":"yes"}""", "data.recording_mark")]
    [InlineData("""{"profile":"edumeet","url":"https://h/","alone_for":"soon"}""", "data.end.alone.for")]
    [InlineData("""{"profile":"edumeet","url":"https://h/","password":"x"}""", "password")]
    [InlineData("""{"profile":"livekit","url":"https://h/"}""", "data.token")]
    [InlineData("""{"profile":"\ud800","url":"https://h/"}""", null)]
    [InlineData("""{"profile":"edumeet","url":"https://h/","display_name":"\ud800"}""", null)]
    [InlineData("""{"profile":"edumeet","url":"https://h/","\ud800":1}""", null)]
    [InlineData("""{"profile":"edumeet","url":"https://h/","name":"\ud800"}""", null)]
    [InlineData("""{"profile":"edumeet","url":"https://h/","url":"https://i/"}""", null)]
    public void A_wrong_meeting_is_refused_by_the_field_to_blame(string data, string? field)
    {
        var parsed = Meeting(data);
        Assert.NotNull(parsed.Error);
        Assert.EndsWith(field ?? "", parsed.Error.Field ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"profile":"zoom"}""", "data.page.profile")]
    [InlineData("""{"parameters":{}}""", "data.page.profile")]
    [InlineData("""{"profile":"edumeet","parameters":[]}""", "data.page.parameters")]
    [InlineData("""{"profile":"edumeet","parameters":{"url":"https://h/"}}""", "data.page")]
    [InlineData("""{"profile":"edumeet","parameters":{"colour":"red"}}""", "data.page.parameters.colour")]
    [InlineData("""{"profile":"edumeet","layout":"tiles"}""", "data.page.layout")]
    public void A_wrong_profile_of_a_page_is_refused_by_the_field_to_blame(string page, string field) =>
        Assert.Equal(
            field,
            Start($$$"""{"type":"uri","data":{"uri":"https://h/","page":{{{page}}}}}""").Error?.Field
        );

    [Fact]
    public void A_value_stays_a_value_in_scripts_selectors_addresses_and_texts()
    {
        var book = Own(
            """
            {
              "description": "x",
              "parameters": {"url": {"kind": "address", "required": true}, "who": {}, "maybe": {}, "flag": {"kind": "flag"}},
              "data": {
                "uri": "{{url}}/{{who}}",
                "page": {
                  "script": ["say({{who}}, {{maybe}});", "// end"],
                  "headers": {"X-Who": "<{{who}}>", "X-Maybe": "{{maybe}}"},
                  "steps": [
                    {"click": "[title=\"{{who}}\"]"},
                    {"goto": "{{origin}}/x?who={{who}}"},
                    {"eval": "{{who}}"},
                    {"if": "flag", "click": "#flag"},
                    {"if": "maybe", "click": "#maybe"}
                  ]
                }
              }
            }
            """
        );

        var spec = Spec(
            Meeting("""{"profile":"own","url":"https://h:8443/a","who":"a\"]'); //?&","flag":true}""", book)
        );

        Assert.Equal("https://h:8443/a/a%22%5D%27%29%3B%20%2F%2F%3F%26", spec.Page.OriginalString);
        var settings = spec.Settings!;
        Assert.Equal("say(\"a\\u0022]\\u0027); //?\\u0026\", null);\n// end", settings.Script);
        Assert.Equal(["X-Who"], settings.Headers.Select(header => header.Name));
        Assert.Equal("<a\"]'); //?&>", settings.Headers[0].Value.Text);
        Assert.Equal(
            [
                """[title="a\22 \5d \27 \29 \3b \20 \2f \2f \3f \26 "]""",
                "https://h:8443/x?who=a%22%5D%27%29%3B%20%2F%2F%3F%26",
                "\"a\\u0022]\\u0027); //?\\u0026\"",
                "#flag",
            ],
            settings.Steps.Select(step => step.Target)
        );
    }

    [Theory]
    [InlineData("""{"data":{}}""", "parameter url")]
    [InlineData("""{"parameters":{"url":{"kind":"address","required":true}}}""", "no data")]
    [InlineData("""{"parameters":{"url":{"kind":"address","required":true}},"data":{"page":{"css":"{{url}}"}}}""", "css")]
    [InlineData("""{"parameters":{"url":{"kind":"address","required":true}},"data":{"uri":"{{room}}"}}""", "no parameter room")]
    [InlineData("""{"parameters":{"url":{"kind":"address","required":true}},"data":{"page":{"steps":[{"if":"x","click":"a"}]}}}""", "no parameter x")]
    [InlineData("""{"parameters":{"url":{"kind":"address","required":true}},"data":{"page":{"colour":"red"}}}""", "makes no start")]
    [InlineData("""{"parameters":{"url":{"kind":"address","required":true},"mode":{}},"data":{}}""", "field of every start")]
    [InlineData("""{"parameters":{"url":{"kind":"address","required":true},"Room":{}},"data":{}}""", "lower-case")]
    [InlineData("""{"parameters":{"url":{"kind":"place","required":true}},"data":{}}""", "cannot be read")]
    [InlineData("""{"colour":"red"}""", "cannot be read")]
    [InlineData("""{""", "cannot be read")]
    public void A_wrong_file_is_told_and_takes_only_its_own_profile_away(string content, string why)
    {
        using var folder = new ProfileFolder();
        folder.Write("own", content);
        folder.Write("good", """{"parameters":{"url":{"kind":"address","required":true}},"data":{"page":{"locale":"nb"}}}""");

        var book = ProfileBook.Read(folder.Path, ProfileRequest.ProblemOf);

        Assert.Contains(why, Assert.Single(book.Problems), StringComparison.Ordinal);
        Assert.Null(book.Find("own"));
        Assert.NotNull(book.Find("good"));
        Assert.NotNull(book.Find("edumeet"));
    }

    [Fact]
    public void A_file_takes_the_place_of_the_shipped_profile_of_its_name()
    {
        using var folder = new ProfileFolder();
        folder.Write(
            "edumeet",
            """{"parameters":{"url":{"kind":"address","required":true}},"data":{"page":{"locale":"nb"}}}"""
        );
        var book = ProfileBook.Read(folder.Path, ProfileRequest.ProblemOf);
        Assert.Empty(book.Problems);
        Assert.Equal("nb", Spec(Meeting("""{"profile":"edumeet","url":"https://h/"}""", book)).Settings!.Locale);
    }

    private sealed class ProfileFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("profiles-").FullName;

        public void Write(string name, string content) =>
            File.WriteAllText(System.IO.Path.Combine(Path, name + ".json"), content);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
