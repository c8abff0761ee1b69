using System.Text;
using System.Text.Json;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

/// <summary>How a page is entered and shown, as a start says.</summary>
public sealed class PageFieldsTests
{
    private static readonly SecretFiles Secrets = new(
        new Dictionary<string, SecretOptions>
        {
            ["room"] = new() { File = "/secret", Hosts = "h, *.example.org" },
        }
    );

    private static Parsed<StartBody> Start(string page, string uri = "https://meet.example.org/room") =>
        StartRequestParser.ParseWhole(
            Encoding.UTF8.GetBytes($$$"""{"type":"uri","data":{"uri":"{{{uri}}}","page":{{{page}}}}}"""),
            new StartTerms { Secrets = Secrets }
        );

    private static PageSettings? Settings(string page)
    {
        var parsed = Start(page);
        Assert.Null(parsed.Error?.Message);
        return Assert.IsType<PageSessionSpec>(parsed.Value.Spec).Settings;
    }

    [Fact]
    public void Everything_is_read_whole()
    {
        var settings = Settings(
            """
            {
              "headers": {"X-Key": {"secret": "room"}, "Authorization": "Bearer a"},
              "cookies": [{"name": "s", "value": "1", "domain": ".Example.org", "path": "/a", "secure": true, "http_only": true, "same_site": "none"}],
              "local_storage": {"https://meet.example.org": {"k": "v"}, "http://h:8080": {"k": {"secret": "room"}}},
              "basic_auth": {"username": "u", "password": {"secret": "room"}},
              "user_agent": "A 1", "locale": "de-DE", "timezone": "Europe/Oslo", "color_scheme": "dark", "scale": 1.5,
              "css": "a{}", "script": "b()", "devices": "fake", "ignore_tls_errors_for": ["h", "Other.example.org:8443"],
              "steps": [
                {"click": "#a"}, {"fill": "#b", "value": {"secret": "room"}, "timeout": "2 s", "optional": true}, {"press": "Enter", "selector": "#c"},
                {"select": "#d", "value": "e"}, {"wait_for": ".f"}, {"wait_gone": ".g"}, {"goto": "https://h/i"}, {"eval": "() => j"}
              ]
            }
            """
        );
        var room = new PageText { Secret = "room" };
        Assert.Equal(
            new PageSettings
            {
                Headers = [new PageHeader("Authorization", PageText.Of("Bearer a")), new PageHeader("X-Key", room)],
                Cookies =
                [
                    new PageCookie("s", PageText.Of("1"))
                    {
                        Domain = "example.org",
                        Path = "/a",
                        Secure = true,
                        HttpOnly = true,
                        SameSite = PageSameSite.None,
                    },
                ],
                LocalStorage =
                [
                    new PageStorage("http://h:8080", "k", room),
                    new PageStorage("https://meet.example.org", "k", PageText.Of("v")),
                ],
                BasicAuth = new PageCredentials(PageText.Of("u"), room),
                UserAgent = "A 1",
                Locale = "de-DE",
                TimeZone = "Europe/Oslo",
                ColorScheme = PageColorScheme.Dark,
                Scale = 1.5,
                Css = "a{}",
                Script = "b()",
                Devices = PageDevices.Fake,
                IgnoreTlsErrorsFor = ["h:443", "other.example.org:8443"],
                Steps =
                [
                    new PageStep(PageStepKind.Click, "#a"),
                    new PageStep(PageStepKind.Fill, "#b")
                    {
                        Value = room,
                        Timeout = TimeSpan.FromSeconds(2),
                        Optional = true,
                    },
                    new PageStep(PageStepKind.Press, "Enter") { Selector = "#c" },
                    new PageStep(PageStepKind.Select, "#d") { Value = PageText.Of("e") },
                    new PageStep(PageStepKind.WaitFor, ".f"),
                    new PageStep(PageStepKind.WaitGone, ".g"),
                    new PageStep(PageStepKind.Goto, "https://h/i"),
                    new PageStep(PageStepKind.Eval, "() => j"),
                ],
            },
            settings
        );
        Assert.Equal(["room"], settings!.Secrets);
    }

    [Fact]
    public void Without_settings_there_are_none() => Assert.Null(Settings("{}"));

    [Theory]
    [InlineData("""{"headers":{"Host":"a"}}""", "headers.Host", "the browser sets this header itself")]
    [InlineData("""{"headers":{"content-length":"1"}}""", "headers.content-length", "itself")]
    [InlineData("""{"headers":{"Sec-Fetch-Site":"a"}}""", "headers.Sec-Fetch-Site", "itself")]
    [InlineData("""{"headers":{"Cookie":"a"}}""", "headers.Cookie", "cookies")]
    [InlineData("""{"headers":{"a b":"c"}}""", "headers.a b", "no name of a header")]
    [InlineData("""{"headers":{"X":"a\r\nHost: b"}}""", "headers.X", "one line")]
    [InlineData("""{"headers":{"X":"a","x":"b"}}""", "headers.x", "twice")]
    [InlineData("""{"headers":{"X":{"secret":"hall"}}}""", "headers.X.secret", "this farm has room")]
    [InlineData("""{"headers":{"X":{"secret":"room","text":"a"}}}""", "headers.X.text", "not a field")]
    [InlineData("""{"headers":{"X":5}}""", "headers.X", "text in quotes")]
    [InlineData("""{"cookies":[{"name":"s","value":"1","domain":"example.com"}]}""", "cookies[0].domain", "other sites")]
    [InlineData("""{"cookies":[{"name":"s","value":"1","domain":"org"}]}""", "cookies[0].domain", "other sites")]
    [InlineData("""{"cookies":[{"name":"s","value":"1","domain":"le.org"}]}""", "cookies[0].domain", "other sites")]
    [InlineData("""{"cookies":[{"name":"s;","value":"1"}]}""", "cookies[0].name", "no name of a cookie")]
    [InlineData("""{"cookies":[{"name":"s","value":"a;b"}]}""", "cookies[0].value", "semicolon")]
    [InlineData("""{"cookies":[{"name":"s","value":"1","path":"a"}]}""", "cookies[0].path", "begin with /")]
    [InlineData("""{"cookies":[{"name":"s"}]}""", "cookies[0].value", "missing")]
    [InlineData("""{"local_storage":{"example.org":{"a":"b"}}}""", "local_storage.example.org", "no origin")]
    [InlineData("""{"local_storage":{"https://h/":{"a":"b"}}}""", "local_storage.https://h/", "no origin")]
    [InlineData("""{"local_storage":{"https://h":{"a":5}}}""", "local_storage.https://h.a", "text")]
    [InlineData("""{"basic_auth":{"username":"u"}}""", "basic_auth.password", "missing")]
    [InlineData("""{"user_agent":"a\nb"}""", "user_agent", "one line")]
    [InlineData("""{"locale":"de_DE.UTF-8"}""", "locale", "de-DE")]
    [InlineData("""{"timezone":"Europe/Atlantis"}""", "timezone", "no such time zone")]
    [InlineData("""{"timezone":"../../etc/passwd"}""", "timezone", "no such time zone")]
    [InlineData("""{"color_scheme":"blue"}""", "color_scheme", "light, dark")]
    [InlineData("""{"scale":0}""", "scale", "from 0.25 to 5")]
    [InlineData("""{"scale":"2"}""", "scale", "from 0.25 to 5")]
    [InlineData("""{"devices":"real"}""", "devices", "none, fake, silent")]
    [InlineData("""{"ignore_tls_errors_for":["*"]}""", "ignore_tls_errors_for[0]", "must be a host")]
    [InlineData("""{"ignore_tls_errors_for":["https://h"]}""", "ignore_tls_errors_for[0]", "must be a host")]
    [InlineData("""{"steps":[{}]}""", "steps[0].click", "does one thing")]
    [InlineData("""{"steps":[{"click":"a","wait_for":"b"}]}""", "steps[0].wait_for", "does one thing")]
    [InlineData("""{"steps":[{"click":"a["}]}""", "steps[0].click", "no CSS selector")]
    [InlineData("""{"steps":[{"fill":"a"}]}""", "steps[0].value", "missing")]
    [InlineData("""{"steps":[{"click":"a","value":"b"}]}""", "steps[0].value", "is for fill and select")]
    [InlineData("""{"steps":[{"click":"a","selector":"b"}]}""", "steps[0].selector", "is for press")]
    [InlineData("""{"steps":[{"press":"Hyper"}]}""", "steps[0].press", "one character or one of Enter")]
    [InlineData("""{"steps":[{"goto":"file:///etc/passwd"}]}""", "steps[0].goto", "nothing else is opened")]
    [InlineData("""{"steps":[{"eval":" "}]}""", "steps[0].eval", "empty")]
    [InlineData("""{"steps":[{"click":"a","timeout":"1 h"}]}""", "steps[0].timeout", "duration")]
    [InlineData("""{"steps":[{"hover":"a"}]}""", "steps[0].hover", "not a field")]
    [InlineData("""{"steps":{"click":"a"}}""", "steps", "list")]
    [InlineData("""{"colour":"dark"}""", "colour", "not a field")]
    public void Whatever_cannot_be_is_refused_with_its_field_and_the_reason(string page, string field, string reason)
    {
        var errors = Start(page).Error?.All ?? [];
        var error = Assert.Single(errors, one => one.Field == $"data.page.{field}");
        Assert.Contains(reason, error.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Scripts_and_styles_have_a_greatest_length()
    {
        Assert.Equal("data.page.script", Start($$"""{"script":"{{new string('x', 16_385)}}"}""").Error?.Field);
        Assert.Equal("data.page.css", Start($$"""{"css":"{{new string('x', 32_769)}}"}""").Error?.Field);
    }

    [Fact]
    public void A_secure_cookie_or_a_second_password_does_not_fit_the_address()
    {
        const string cookie = """{"cookies":[{"name":"s","value":"1","secure":true}]}""";
        Assert.Equal("data.page.cookies[0].secure", Start(cookie, "http://h/").Error?.Field);
        const string auth = """{"basic_auth":{"username":"u","password":"p"}}""";
        Assert.Equal("data.page.basic_auth", Start(auth, "https://a:b@h/").Error?.Field);
    }

    [Theory]
    [InlineData("{}", "page.css")]
    [InlineData("""{"uri":"ftp://h/"}""", "page.uri")]
    [InlineData("""{"uri":"https://h/","steps":[]}""", "page.steps")]
    [InlineData("[]", "page")]
    public void A_change_that_cannot_be_is_refused_with_its_field(string page, string field) =>
        Assert.Equal(field, ChangeRequestParser.Parse(Encoding.UTF8.GetBytes($$"""{"page":{{page}}}""")).Error?.Field);

    [Fact]
    public void A_change_takes_the_style_sheet_away_or_leaves_it()
    {
        var change = ChangeRequestParser.Parse("""{"page":{"css":""}}"""u8.ToArray()).Value.Page;
        Assert.Equal(new PageChange { Css = "" }, change);
        change = ChangeRequestParser.Parse("""{"page":{"uri":"https://h/"}}"""u8.ToArray()).Value.Page;
        Assert.Equal(new PageChange { Page = new Uri("https://h/") }, change);
    }

    [Theory]
    [InlineData("https://meet.example.org/", null)]
    [InlineData("https://h/", null)]
    [InlineData("https://example.org/", "data.page")]
    [InlineData("https://evil.example/", "data.page")]
    [InlineData("https://evilexample.org/", "data.page")]
    public void A_secret_goes_to_pages_of_its_hosts_only(string uri, string? field)
    {
        var parsed = Start("""{"headers":{"X":{"secret":"room"}}}""", uri);
        Assert.Equal(field, parsed.Error?.Field);
    }

    [Fact]
    public void What_may_grant_access_is_neither_told_nor_kept()
    {
        var settings = Settings(
            """
            {"headers":{"X":"s3cret"},"cookies":[{"name":"n","value":"s3cret"}],"local_storage":{"https://h":{"k":"s3cret"}},
             "basic_auth":{"username":"s3cret","password":"s3cret"},"script":"s3cret","css":"s3cret",
             "steps":[{"fill":"#a","value":"s3cret"},{"eval":"s3cret"},{"goto":"https://h/?s3cret"}]}
            """
        )!;
        var told = JsonSerializer.Serialize(PageSettingsAnswer.Of(settings));
        Assert.DoesNotContain("s3cret", told, StringComparison.Ordinal);
        Assert.Contains("#a", told, StringComparison.Ordinal);
        var kept = JsonSerializer.Serialize(settings.WithoutTexts() with { Css = null });
        Assert.DoesNotContain("s3cret", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", settings.Headers[0].ToString(), StringComparison.Ordinal);
    }
}
